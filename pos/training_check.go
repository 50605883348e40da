package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// training adds the one row that a document of training asks for (fiscal R66): anything else of it would count.
func (r rows) training(e journal.Entry) error {
	var ref *journal.Ref // what it takes back
	switch e.Kind {
	case journal.KindTicket, journal.KindRefund:
		var b journal.TicketBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		ref = b.Ref
	case journal.KindSuspRedeem:
		var b journal.RedeemBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		ref = b.Ref
	default:
		return nil
	}
	var reverses int64
	if ref != nil {
		reverses = ref.Seq
	}
	r.add("training %d reverses %d", e.Seq, reverses)
	return nil
}

// checkTraining holds whether the till is in training against the journal, and that no order of training outlives it,
// nor a real one lives in it (fiscal R67).
func checkTraining(ctx context.Context, q data.Querier, journaled int64) ([]string, error) {
	s, err := loadTraining(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	if s.since != journaled {
		bad = append(bad, fmt.Sprintf("training since entry %d, the journal says %d", s.since, journaled))
	}
	open, err := openTickets(ctx, q)
	for _, tk := range open {
		if tk.Training != s.on() {
			bad = append(bad, fmt.Sprintf("ticket %s: open, of training: %t, and the till is in training: %t", tk.ID, tk.Training, s.on()))
		}
	}
	return bad, err
}
