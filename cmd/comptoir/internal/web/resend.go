package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

const (
	resendPath = "/till/resend"
	resentPath = "/manage/resent"
)

// Limits of one call: a page has as many more as it needs.
const (
	maxCopies    = 100
	resendBudget = 2 * time.Second // after which no further copy is begun
)

const localResend = "resend"

// resending is one copy on its way through the till once more.
type resending struct {
	copy pos.Copy
	told data.Told
	last bool
	code string // why it was refused
}

// resentOf returns the copy that a request carries out again. Only the server itself makes such requests.
func resentOf(c *fiber.Ctx) (*resending, bool) {
	r, again := c.Locals(localResend).(*resending)
	return r, again
}

// sentCopy is one of what a page remembers, and under which name.
type sentCopy struct {
	ID   string `json:"id"`
	Copy string `json:"copy"`
}

// resendAnswer says of each copy what came of it, by the page's names; Says is what the page shows, and nothing when it
// need not say anything.
type resendAnswer struct {
	Known   []string `json:"known"`
	Done    []string `json:"done"`
	Refused []string `json:"refused"`
	Later   []string `json:"later"` // refused for now: what it follows may be in another till's memory
	Says    string   `json:"says"`
}

// opened is a copy that could be read, or why it could not.
type opened struct {
	id   string
	copy pos.Copy
	err  error
}

var (
	errCopies      = fault.New(fault.Invalid, "resend.many", "Send a hundred copies at most.").With("max", maxCopies)
	errResendBusy  = fault.New(fault.Busy, "resend.busy", "Another till is giving back what it remembers; try again.")
	errResendClass = fault.New(fault.Conflict, "resend.training", "Training has to end before anything is given back.")
)

// resend serves POST /till/resend: a page gives back what it remembers of the machine before this one. What is known is left
// alone, the rest is carried out again through the same doors, in the order it was done in, by whoever did it.
func (s *Server) resend(c *fiber.Ctx) error {
	var in struct {
		Last   bool       `json:"last"` // nothing more is waited for
		Copies []sentCopy `json:"copies"`
	}
	if err := json.Unmarshal(c.Body(), &in); err != nil {
		return errJSON
	}
	if len(in.Copies) > maxCopies {
		return errCopies
	}
	if s.till.Training() {
		return errResendClass
	}
	ctx := c.UserContext()
	select { // one page at a time: each finds what the one before has given back
	case s.resends <- struct{}{}:
		defer func() { <-s.resends }()
	case <-ctx.Done():
		return errResendBusy
	}
	by := pos.By{Operator: s.operator(c)}
	answer, told := s.takeBack(ctx, in.Copies, in.Last)
	if err := s.till.RecordResent(context.WithoutCancel(ctx), by, told); err != nil {
		return err
	}
	answer.Says = resentWords(s.language(c), told)
	return c.JSON(answer)
}

func resentWords(l *locale.Language, r pos.Resent) string {
	var says []string
	if r.Done > 0 {
		says = append(says, l.N("resend.done", r.Done))
	}
	if r.Refused > 0 {
		says = append(says, l.N("resend.refused", r.Refused))
	}
	return strings.Join(says, " ")
}

// takeBack carries out what is not known, oldest first, until all is done or the time is over: the page sends the rest again.
func (s *Server) takeBack(ctx context.Context, sent []sentCopy, last bool) (resendAnswer, pos.Resent) {
	answer := resendAnswer{Known: []string{}, Done: []string{}, Refused: []string{}, Later: []string{}}
	var told pos.Resent
	all := make([]opened, len(sent))
	for i, one := range sent {
		all[i].id = one.ID
		all[i].copy, all[i].err = s.till.OpenCopy(one.Copy)
	}
	slices.SortStableFunc(all, func(a, b opened) int { return a.copy.First.Compare(b.copy.First) })
	began := s.clock.Now()
	for _, o := range all {
		if s.clock.Now().Sub(began) > resendBudget || ctx.Err() != nil {
			break
		}
		known, code := s.takeOne(ctx, o, last)
		switch {
		case code == resendLater:
			answer.Later = append(answer.Later, o.id)
			continue
		case code != "":
			answer.Refused = append(answer.Refused, o.id)
			told.Refused++
		case known:
			answer.Known = append(answer.Known, o.id)
			told.Known++
		default:
			answer.Done = append(answer.Done, o.id)
			told.Done++
			if told.From.IsZero() {
				told.From = o.copy.First
			}
			told.To = o.copy.First
		}
		told.Sent++
		if one := s.resentOne(ctx, o.copy, code); !known && (code != "" || one.Amount > 0) {
			told.Money = append(told.Money, one)
		}
	}
	return answer, told
}

// resendLater says of a copy that it is refused for now.
const resendLater = "resend.later"

// takeOne carries one copy out, unless it is known. code is why it was refused.
func (s *Server) takeOne(ctx context.Context, o opened, last bool) (known bool, code string) {
	if o.err != nil {
		return false, fault.CodeOf(o.err)
	}
	known, err := s.till.DB().Known(ctx, o.copy.Command)
	switch {
	case err != nil:
		return false, resendLater
	case known:
		return true, ""
	case o.copy.Hand != "":
		return false, o.copy.Hand
	}
	if _, remembered := s.kindOf(o.copy); !remembered { // of a release that remembered more
		return false, handPaper
	}
	who, err := s.till.CopyOperator(ctx, o.copy.Operator)
	if err != nil {
		return false, cmp.Or(fault.CodeOf(err), resendLater)
	}
	r := &resending{copy: o.copy, last: last}
	status := s.again(r, who)
	switch {
	case status < http.StatusBadRequest:
		return r.told.Fresh == 0, ""
	case status >= http.StatusInternalServerError, !last:
		return false, resendLater
	}
	return false, cmp.Or(r.code, errBug.Code)
}

// kindOf is the pattern of s.memory that a copy is of: whatever is under the seal, nothing else is carried out.
func (s *Server) kindOf(c pos.Copy) (pattern string, remembered bool) {
	path, _, _ := strings.Cut(c.Address, "?")
	if _, remembered := s.memory[path]; remembered {
		return path, c.Method == http.MethodPost
	}
	for pattern := range s.memory {
		if fiber.RoutePatternMatch(path, pattern) {
			return pattern, c.Method == http.MethodPost
		}
	}
	return "", false
}

// again sends a copy through the doors of the staff's pages once more, as whoever sent it. That it is one, and whose, stands
// beside the request, where nobody outside reaches.
func (s *Server) again(r *resending, who pos.Operator) (status int) {
	var req fasthttp.Request
	req.Header.SetMethod(r.copy.Method)
	req.SetRequestURI(r.copy.Address)
	req.Header.SetHost("localhost")
	req.Header.SetContentType(r.copy.Type)
	req.Header.Set(commandHeader, r.copy.Command)
	req.Header.Set("X-Fragment", "cart")
	req.SetBodyString(r.copy.Body)
	var asks fasthttp.RequestCtx
	asks.Init(&req, nil, nil)
	asks.SetUserValue(localResend, r)
	asks.SetUserValue(localOperator, who)
	s.staff.Handler()(&asks)
	return asks.Response.StatusCode()
}

// resentOne is what a person reads of a copy.
func (s *Server) resentOne(ctx context.Context, c pos.Copy, code string) pos.ResentOne {
	one := pos.ResentOne{What: "unknown", At: c.First, Code: code}
	if c.Command == "" {
		return one
	}
	if who, _ := s.till.CopyOperator(ctx, c.Operator); who.Code != "" {
		one.Operator = who.Code
	}
	if pattern, remembered := s.kindOf(c); pattern == "/till/commands" {
		one.What, one.Amount = tapAmount(c.Body)
		return one
	} else if remembered {
		one.What = s.memory[pattern].what
	}
	form, err := url.ParseQuery(c.Body)
	if err != nil {
		return one
	}
	if amount, err := parseMoney("amount", form.Get("amount")); err == nil {
		one.Amount = amount
	}
	if due, err := strconv.ParseInt(form.Get("due"), 10, 64); one.Amount == 0 && err == nil {
		one.Amount = money.Cents(due)
	}
	return one
}

// tapAmount is the kind of a tap, and what it was to pay.
func tapAmount(body string) (what string, amount money.Cents) {
	var cmd tillCommand
	if err := json.Unmarshal([]byte(body), &cmd); err != nil {
		return "order", 0
	}
	switch cmd.Kind {
	case "pay":
		if cmd.Args.Rest != nil {
			return "pay", *cmd.Args.Rest
		}
		if cmd.Args.Total != nil {
			return "pay", *cmd.Args.Total
		}
		return "pay", 0
	case "serve", "undo-serve":
		return "serve", 0
	case "card", "new-card":
		return "card", 0
	}
	return "order", 0
}
