package pos

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/receipts"
	"comptoir/receipts/spool"
	"comptoir/suspended"
)

// PrintSlip prints the slip of a collection, both copies, on the receipt printer of the till, and returns the job. What left the
// house is in the journal already, and nothing more is. Refusals: right.missing, collection.unknown, printer.none, print.full.
func (t *Till) PrintSlip(ctx context.Context, by By, number int64) (string, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (string, error) {
		if _, err := suspended.FindCollection(ctx, tx, number); err != nil {
			return "", err
		}
		p, err := t.receiptPrinter(tx, by, "")
		if err != nil {
			return "", err
		}
		id, err := spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobSlip, Body: documentJob{Number: strconv.FormatInt(number, 10)}})
		if err != nil {
			return "", err
		}
		return id, tx.Record(data.Event{Type: "slip.printed", Topics: []string{spool.Topic}, Body: map[string]any{"slip": number}})
	})
}

// slipNumber reads the body of the job of a slip. Refusal: print.unreadable.
func slipNumber(j spool.Job) (int64, error) {
	d, err := readJob[documentJob](j)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(d.Number, 10, 64)
	if err != nil {
		return 0, errJob.With("id", j.ID).Wrap(err)
	}
	return n, nil
}

func (t *Till) paperOfSlip(ctx context.Context, j spool.Job) (receipts.Printable, error) {
	n, err := slipNumber(j)
	if err != nil {
		return nil, err
	}
	c, err := t.Collection(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("slip %d: %w", n, err)
	}
	return t.slipOf(c), nil
}

// slipOf is the paper of a collection: the words of its page.
func (t *Till) slipOf(c Collection) receipts.Slip {
	s := receipts.Slip{Number: c.Number, Cafe: t.identity.Name, Address: t.identity.Address, Partner: c.Name, At: c.At.In(t.db.Zone()), Class: c.Class, Qty: c.Qty,
		Shares: []receipts.SlipShare{}, Allergens: c.Allergens, Initials: c.Initials, Waiver: c.WaiverTold}
	if c.Temperature != nil {
		s.Temperature = strings.Replace(c.Temperature.String(), ".", ",", 1) + " °C"
	}
	for _, share := range c.Shares {
		s.Shares = append(s.Shares, receipts.SlipShare{Origin: share.Origin, Count: share.Count})
	}
	if c.ValueTold {
		s.Given = c.GivenCost
	}
	return s
}
