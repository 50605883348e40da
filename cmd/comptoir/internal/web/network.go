package web

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/authority"
)

// Addresses of what a tablet needs before it trusts the till.
const (
	networkPath     = "/manage/network"
	tabletPath      = "/tablet"
	certificatePath = "/certificate.crt"
)

// Network is how other machines of the house reach the staff's pages: over TLS, which cameras and other secure contexts ask
// for. The zero Network: not at all.
type Network struct {
	Secure    net.Listener         // of the staff's pages over TLS; nil: there are none
	Authority *authority.Authority // vouches for the till there; set when Secure is
	Trouble   error                // why nobody can vouch, so that Secure is nil although it was asked for
	Names     []string             // by which the till answers on the network, such as till.local, the best first
	Addresses func() []net.IP      // of this machine on the café's own network now, the likeliest first
}

// door is the listener of the staff's pages over TLS.
func (n Network) door() *door {
	return newDoor(tls.NewListener(n.Secure, n.tls()))
}

func (n Network) tls() *tls.Config { return n.Authority.TLS(n.Names) }

// reached is where other machines reach a listener: by name, and by number where names are not understood. Empty: it listens
// to this machine only, or the machine has no address.
func (n Network) reached(scheme string, at net.Addr) (byName, byNumber string) {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return "", ""
	}
	url := func(host string) string { return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port)) }
	number := tcp.IP
	if tcp.IP.IsUnspecified() {
		number = nil
		if all := n.addresses(); len(all) > 0 {
			number = all[0]
		}
	}
	if number != nil {
		byNumber = url(number.String())
	}
	if len(n.Names) > 0 {
		byName = url(n.Names[0])
	}
	return byName, byNumber
}

func (n Network) addresses() []net.IP {
	if n.Addresses == nil {
		return nil
	}
	return n.Addresses()
}

// wayView is how a tablet gets to the till.
type wayView struct {
	Name, Number string // addresses of the staff's pages over TLS; empty: none such
	Fingerprint  string // of the authority
	Holder       string // what a tablet calls the authority
}

// wayIn describes the way of tablets. Only where there is one.
func (s *Server) wayIn() wayView {
	root := s.network.Authority.Root()
	w := wayView{Fingerprint: authority.Fingerprint(root), Holder: root.Subject.CommonName}
	w.Name, w.Number = s.network.reached("https", s.secure.door.Addr())
	return w
}

// tabletView explains to whoever holds a tablet how it comes to trust the till.
type tabletView struct {
	base
	Way wayView
}

// tabletPage serves GET /tablet, over plain HTTP on purpose: it is read before the tablet trusts anything. There is none where
// the staff's pages are on this machine only.
func (s *Server) tabletPage(c *fiber.Ctx) error {
	if s.secure == nil {
		return errRoute
	}
	return s.page(c, http.StatusOK, "tablet", tabletView{s.newBase(c, "tablet.title", ""), s.wayIn()})
}

// certificate serves GET /certificate.crt: the root that tablets are asked to trust. It is no secret. Without a name to save it
// under: an iPad then offers to install it.
func (s *Server) certificate(c *fiber.Ctx) error {
	if s.secure == nil {
		return errRoute
	}
	c.Set(fiber.HeaderContentType, "application/x-x509-ca-cert")
	return c.Status(http.StatusOK).Send(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.network.Authority.Root().Raw}))
}

// networkView says how the till is reached, and lets a tablet come by a code to photograph.
type networkView struct {
	base
	On              bool   // staff's pages are there over TLS
	Broken          bool   // they should be, and cannot
	Order           string // which puts them there
	Way             wayView
	Tablet          string // address of the page for tablets; empty: the public pages are on this machine only
	TabletName      string // the same by name
	Code            qrImage
	Phones          string // address of the public pages on the cards and receipts
	RootEnds        time.Time
	CertificateEnds time.Time // zero: nobody has come yet
}

// networkPage serves GET /manage/network.
func (s *Server) networkPage(c *fiber.Ctx) error {
	v := networkView{base: s.newBase(c, "network.title", "manage"), On: s.secure != nil, Order: "comptoir install --https 0.0.0.0:8443", Phones: s.till.PublicURL()}
	v.Section, v.Part, v.Broken = "devices", "network", s.network.Trouble != nil
	if !v.On {
		return s.page(c, http.StatusOK, "manage_network", v)
	}
	v.Way, v.CertificateEnds = s.wayIn(), s.network.Authority.Ends()
	v.RootEnds = rootOf(s.network).NotAfter
	if name, number := s.network.reached("http", s.publicLn.Addr()); number != "" {
		v.Tablet, v.TabletName = number+tabletPath, name
		if name != "" {
			v.TabletName += tabletPath
		}
		var err error
		if v.Code, err = qrSVG(v.Tablet); err != nil {
			return errBug.Wrap(err)
		}
	}
	return s.page(c, http.StatusOK, "manage_network", v)
}

func rootOf(n Network) *x509.Certificate { return n.Authority.Root() }
