package device

import (
	"context"
	"time"
)

// watch is what is known of a printer while the end of a job is awaited.
type watch struct {
	asked byte   // last
	code  string // in its way
	turns int    // how often that has changed
	over  alarm
	poll  alarm
}

// mostTurns is how often a printer may run out and be well again within one paper.
const mostTurns = 16

// alarm is a time that is waited for, and can be set again.
type alarm struct {
	clock timer
	over  <-chan time.Time
	stop  func()
}

func (a *alarm) set(d time.Duration) {
	if a.stop != nil {
		a.stop()
	}
	a.over, a.stop = a.clock.Timer(d)
}

// end waits until the printer says that the job is done. A roll that ends in the middle is waited for: the printer keeps the rest.
func (l *line) end(ctx context.Context, m manner) result {
	w := watch{asked: askPaper, over: alarm{clock: l.clock}, poll: alarm{clock: l.clock}}
	w.over.set(m.wait)
	w.poll.set(pollEvery)
	defer func() { w.over.stop(); w.poll.stop() }()
	for {
		select {
		case r, open := <-l.replies:
			switch {
			case !open && l.broke == nil && !m.knows:
				return result{fate: fateUnsure, code: CodeUnverified} // it took all of it, and never says anything
			case !open:
				return result{fate: fateCutOff, code: CodeCutOff}
			case r.kind == replyEnd:
				return result{fate: fatePrinted, low: r.b&0x0f != 0}
			default:
				m.knows = true
				l.heard(&w, m, r.b)
			}
		case <-w.poll.over:
			w.poll.set(pollEvery)
			w.asked = askOffline + askPaper - w.asked
			if _, err := l.write(ctx, []byte{0x10, 0x04, w.asked}, askTimeout); err != nil {
				return result{fate: fateCutOff, code: CodeCutOff}
			}
		case <-w.over.over:
			return l.silent(ctx, m, w.code)
		case <-ctx.Done():
			return result{fate: fateCutOff, code: CodeRestarted}
		}
	}
}

// heard takes an answer to how the printer is: what has come in its way is told, and the wait begins again.
func (l *line) heard(w *watch, m manner, b byte) {
	if !answers(w.asked, b) {
		return
	}
	code := codeOfStatus(w.asked, b)
	if !blocks(code) {
		code = ""
	}
	if code == "" && w.asked == askPaper && w.code != CodePaperOut {
		return // paper says nothing of a cover
	}
	if code == w.code {
		return
	}
	w.code = code
	m.said(code)
	if w.turns++; w.turns > mostTurns { // a loose contact: it is not waited for anew, or it would hold its paper for ever
		return
	}
	if code == "" {
		w.over.set(m.wait)
	} else {
		w.over.set(repairTimeout)
	}
}

// silent judges a printer that has not said that it is done.
func (l *line) silent(ctx context.Context, m manner, code string) result {
	if code != "" {
		return result{fate: fateCutOff, code: code}
	}
	if !m.knows {
		return result{fate: fateUnsure, code: CodeUnverified}
	}
	if _, ok, err := l.ask(ctx, askOffline); err != nil || !ok {
		return result{fate: fateCutOff, code: CodeCutOff} // it could answer before
	}
	return result{fate: fateUnsure, code: CodeUnverified} // it is well, and does not know the question
}
