package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
)

// Note is a provisional note (fiscal R36): it is no receipt and counts in no total.
type Note struct {
	Number string      `json:"number"`
	Ticket string      `json:"ticket"`
	Print  int         `json:"print"` // 1 for the first of this ticket
	Total  money.Cents `json:"total"`

	Printer string `json:"printer,omitempty"` // that prints it, with the job; empty: whoever asked does
	Job     string `json:"job,omitempty"`
}

// PrintNote numbers and journals a provisional note of the ticket; its text is that of the document. The lines
// count as put aside: the kitchen knows nothing of them. What is served from the shelf is not on it: the sale names its
// notes (R36), and must not lead to a serving (I16). The printer of the till prints it by itself, if there is one. Refusal: ticket.empty, also when nothing on it is to be paid for.
func (t *Till) PrintNote(ctx context.Context, by By, ticketID string) (Note, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Note, error) {
		tk, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return Note{}, err
		}
		if !slices.ContainsFunc(tk.Lines, isBought) {
			return Note{}, errEmpty
		}
		tk.Notes++
		tk.markKept()
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: by.Operator.Code, Training: tk.Training, Body: tk.note()})
		if err != nil {
			return Note{}, err
		}
		tk.Noted = append(tk.Noted, journal.Ref{Doc: e.Number, Seq: e.Seq})
		n := Note{Number: e.Number, Ticket: tk.ID, Print: tk.Notes, Total: tk.total()}
		var topics []string
		if p, there := t.printers.Get(tx).receipts(by.Printer); there && !tx.Resent() {
			n.Job, err = spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobNote, Body: documentJob{Number: e.Number}})
			if err != nil && fault.CodeOf(err) != spool.ErrFull.Code {
				return Note{}, err
			}
			if err == nil {
				n.Printer, topics = p.Name, []string{spool.Topic}
			}
		}
		_, err = t.recorded(ctx, tx, &tk, "ticket.note", map[string]any{"journal": []int64{e.Seq}}, topics...)
		return n, err
	})
}

// isBought reports whether a line is paid for, by oneself or for somebody.
func isBought(l line) bool { return l.Kind != LineRedemption }

func (tk ticket) note() journal.NoteBody {
	b := journal.NoteBody{Ticket: tk.ID, Print: tk.Notes, Total: tk.total()}
	var taxed []journal.Line
	for _, l := range slices.DeleteFunc(slices.Clone(tk.Lines), func(l line) bool { return !isBought(l) }) {
		b.Lines = append(b.Lines, journal.NoteLine{N: len(b.Lines) + 1, SKU: l.Product, Label: l.Name, Qty: int64(l.Qty) * 1000, PU: l.unit(), TTC: l.total()})
		taxed = append(taxed, l.fiscal(tk.Mode, len(taxed)+1)...)
	}
	b.Rates, _ = journal.Settle(taxed)
	return b
}
