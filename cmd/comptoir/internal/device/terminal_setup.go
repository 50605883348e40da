package device

import (
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/data/fault"
)

// The protocols of terminals.
const (
	ProtocolCaisseAP = "caisse-ap" // over IP
	ProtocolConcert  = "concert"   // E+, over a serial line
)

// What of a Charge's Ref travels in the field that a protocol keeps for the till.
const (
	PrivateNone   = "none"   // the terminal cannot read it
	PrivateSent   = "sent"   // it may come back, or something else; that of an earlier charge is an answer to that one
	PrivateEchoed = "echoed" // it comes back, so that an answer with another one is to another payment
)

// TerminalSetup is how one terminal is spoken to. Empty settings are those that fit most terminals.
type TerminalSetup struct {
	Name       string
	Protocol   string // ProtocolCaisseAP, ProtocolConcert
	URI        string // tcp://HOST:8888, serial:///dev/ttyACM0?baud=9600, virtual: (one to try with)
	Till       string // two digits; empty: 01
	Version    string // Caisse-AP: 0300, 0301, 0310 or 0320; empty: 0300
	Identifier string // Caisse-AP: twelve digits given to the maker of the till; empty: 012345678901
	EndOfLine  bool   // Caisse-AP: the terminal waits for the end of a line (Nepting)

	PrivateData  string        // PrivateNone, PrivateSent or PrivateEchoed; empty: PrivateSent
	TicketReturn string        // Caisse-AP, three digits: 000 the terminal prints by itself, 100 it sends its ticket; empty: not said
	RefundAction string        // 1 credit, 2 cancellation; empty: this terminal gives nothing back from the till
	Timeout      time.Duration // of a customer, 1 to 180 s; 0: 180 s
}

// Defaults of a setup.
const (
	tillDefault       = "01"
	versionDefault    = "0300"
	identifierDefault = "012345678901"
	timeoutMin        = time.Second
)

// twoDigits and the like are the forms of settings.
var (
	twoDigits    = regexp.MustCompile(`^[0-9]{2}$`)
	threeDigits  = regexp.MustCompile(`^[01][0-2][01]$`)
	twelveDigits = regexp.MustCompile(`^[0-9A-Z]{12}$`)
)

// terminalPort is where terminals listen, for an address without a port.
const terminalPort = "8888"

// whole returns the setup with what is not said filled in.
func (s TerminalSetup) whole() TerminalSetup {
	s.Till = or(s.Till, tillDefault)
	s.Version = or(s.Version, versionDefault)
	s.Identifier = or(s.Identifier, identifierDefault)
	s.PrivateData = or(s.PrivateData, PrivateSent)
	if s.Timeout == 0 {
		s.Timeout = caisseap.TimeMax
	}
	return s
}

func or(said, otherwise string) string {
	if said == "" {
		return otherwise
	}
	return said
}

// Check refuses a setup that no terminal could be spoken to with: "terminal.invalid", naming each field.
func (s TerminalSetup) Check() error {
	s = s.whole()
	refusal := fault.New(fault.Invalid, "terminal.invalid", "Some settings of the terminal cannot be.")
	bad := func(fits bool, field string) {
		if !fits {
			refusal = refusal.Field(field, "invalid")
		}
	}
	bad(strings.TrimSpace(s.Name) != "", "name")
	at, err := s.line()
	ip := err == nil && (at.Scheme == TCP || at.Scheme == Virtual)
	serial := err == nil && (at.Scheme == Serial || at.Scheme == Virtual)
	switch s.Protocol {
	case ProtocolCaisseAP:
		bad(ip, "uri")
		bad(s.Version == "0300" || s.Version == "0301" || s.Version == "0310" || s.Version == "0320", "version")
		bad(twelveDigits.MatchString(s.Identifier), "identifier")
		bad(s.TicketReturn == "" || threeDigits.MatchString(s.TicketReturn), "ticket_return")
	case ProtocolConcert:
		bad(serial, "uri")
	default:
		bad(false, "protocol")
	}
	bad(twoDigits.MatchString(s.Till), "till")
	bad(s.PrivateData == PrivateNone || s.PrivateData == PrivateSent || s.PrivateData == PrivateEchoed, "private_data")
	bad(s.RefundAction == "" || s.RefundAction == "1" || s.RefundAction == "2", "refund_action")
	bad(s.Timeout >= timeoutMin && s.Timeout <= caisseap.TimeMax, "timeout")
	if len(refusal.Fields) > 0 {
		return refusal
	}
	return nil
}

// line reads where the terminal hangs.
func (s TerminalSetup) line() (URI, error) {
	text := strings.TrimSpace(s.URI)
	if u, err := url.Parse(text); err == nil && u.Scheme == string(TCP) && u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), terminalPort)
		text = u.String()
	}
	return ParseURI(text)
}
