package main

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"comptoir/cmd/comptoir/internal/authority"
	"comptoir/cmd/comptoir/internal/web"
)

// tillName is by which tablets find the till on the café's own network.
const tillName = "till.local"

// keysFolder lies beside the cafés: the demonstration and the live one are vouched for by the same authority, so that a tablet
// has to trust only once.
const keysFolder = "keys"

// bindNetwork takes the address of the staff's pages over TLS, and reads the authority that vouches for them as it is. Without
// --https it does nothing.
func (m *Main) bindNetwork(ctx context.Context) (err error) {
	if m.HTTPS == "" {
		return nil
	}
	if m.secure, err = bind(ctx, "--https", m.HTTPS); err != nil {
		return err
	}
	m.network.Names, m.network.Addresses = localNames(avahiRuns()), localAddresses
	if m.network.Authority, err = authority.Read(m.Keys, time.Now); err != nil {
		m.network.Authority = nil // vouch says what is wrong
	}
	return nil
}

// vouch opens the authority for a café that is open by now: a clock that is years ahead has held it before, and ends no root that
// is good. A till whose authority cannot be used sells without its pages over TLS.
func (m *Main) vouch() {
	if m.secure == nil {
		return
	}
	opened, err := authority.Open(m.Keys, hostName(), time.Now)
	if err != nil {
		m.logger().Error("--https: the tablets' way in stays closed until this is put right and the till is started again", "error", err)
		if err := m.secure.Close(); err != nil {
			m.logger().Warn("--https", "error", err)
		}
		m.secure, m.network.Authority, m.network.Trouble = nil, nil, err
		return
	}
	if opened.Made() {
		m.logger().Warn("--https: a certificate was made: each tablet has to trust it, as the page /manage/network says", "ends", opened.Root().NotAfter)
	}
	m.network.Authority = opened
}

// lent is how the café that is served is reached by other machines, with a lease of the listener.
func (m *Main) lent() web.Network {
	lent := m.network
	if m.secure != nil && m.network.Authority != nil {
		lent.Secure = newLease(m.secure)
	}
	return lent
}

// SecureURL returns the address of the staff's pages over TLS as other machines see it; empty: there are none.
func (m *Main) SecureURL() string {
	if m.secure == nil {
		return ""
	}
	host, port, err := net.SplitHostPort(m.secure.Addr().String())
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() && len(m.network.Names) > 0 {
		host = m.network.Names[0]
	}
	return "https://" + net.JoinHostPort(host, port)
}

// hostName is the machine's name without its domain; "till" where it has none.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return strings.TrimSuffix(tillName, ".local")
	}
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	if name == "" || name == "localhost" {
		return strings.TrimSuffix(tillName, ".local")
	}
	return name
}

// localNames are the names under which the till vouches for itself, the one that is answered to first. Avahi answers to the
// machine's name only; our own responder to both.
func localNames(avahi bool) []string {
	names := []string{tillName, hostName() + ".local"}
	if avahi {
		slices.Reverse(names)
	}
	return slices.Compact(names)
}

// avahiSocket is there while Avahi runs.
const avahiSocket = "/run/avahi-daemon/socket"

// avahiRuns reports whether somebody else answers to names on the network already: two would contradict each other.
func avahiRuns() bool {
	_, err := os.Stat(avahiSocket)
	return err == nil
}

// localAddresses are this machine's addresses on private networks: those with a wire or an antenna before bridges of containers.
func localAddresses() []net.IP {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var likely, others []net.IP
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			prefix, ok := a.(*net.IPNet)
			if !ok || prefix.IP.To4() == nil || !authority.Covers(prefix.IP) {
				continue
			}
			if strings.HasPrefix(i.Name, "en") || strings.HasPrefix(i.Name, "eth") || strings.HasPrefix(i.Name, "wl") {
				likely = append(likely, prefix.IP)
			} else {
				others = append(others, prefix.IP)
			}
		}
	}
	return append(likely, others...)
}

// isOpenToTheHouse reports whether other machines reach any of the listeners.
func (m *Main) isOpenToTheHouse() bool {
	return !isLoopback(m.public.Addr()) || !isLoopback(m.staff.Addr()) || m.secure != nil && !isLoopback(m.secure.Addr())
}

// secureAccepts asks the staff's pages over TLS whether they are well, as a tablet that trusts the till would; but for the dates,
// which a clock that is wrong makes wrong.
func (m *Main) secureAccepts(ctx context.Context) error {
	if m.secure == nil {
		return nil
	}
	_, port, err := net.SplitHostPort(m.secure.Addr().String())
	if err != nil {
		return errors.Join(errors.New("--https"), err)
	}
	return acceptsTLS(ctx, m.network, m.secure.Addr(), port)
}
