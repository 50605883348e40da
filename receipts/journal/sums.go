package journal

import (
	"cmp"
	"slices"
	"strings"

	"comptoir/data/money"
)

// The sums of a closing, as FORMAT.md gives them under CLOSE_DAY. The same code adds up the entries that the till
// writes, those that it reads when it starts, and those that a verification has passed.

// covered is one entry as a closing sees it.
type covered struct {
	seq      int64
	kind     Kind
	training bool
	number   string // empty when it is no document
	day      string
	body     any // a pointer to the struct of its kind
}

// add counts an entry that is no closing. It changes b in place.
func (b *CloseBody) add(c covered) {
	if c.number != "" {
		b.document(CloseSeries{First: c.number, Last: c.number, N: 1, Series: Series(c.number[:1])})
	}
	if c.training {
		if c.number != "" {
			b.Counts.Training++
		}
		return
	}
	switch body := c.body.(type) {
	case *TicketBody:
		b.sale(body, c.kind == KindRefund)
	case *RedeemBody:
		b.redeem(body)
	case *ReleaseBody:
		s := b.of(body.Class)
		if body.Qty < 0 {
			s.Retracted -= int64(body.Qty)
		} else {
			s.Released += int64(body.Qty)
		}
	case *AdjustBody:
		s := b.of(body.Class)
		if body.Cause == AdjustCollected {
			s.Collected -= body.Qty
		} else {
			s.Others += body.Qty
		}
	case *PayFixBody:
		b.paid(body.From, -body.Amt, 0)
		b.paid(body.To, body.Amt, 0)
	case *CashBody:
		b.Cash.add(body)
	case *NoteBody:
		b.Counts.Notes++
	case *MinusBody:
		b.Counts.Minus++
	case *DuplicateBody:
		b.Counts.Duplicates++
	case *InvoiceBody:
		b.Counts.Invoices++
	case *ResumeBody:
		b.Resumed = true
	default: // in no sum
	}
}

func (b *CloseBody) sale(t *TicketBody, refund bool) {
	sum := &b.Sales
	if refund {
		sum = &b.Refunds
	}
	document := CloseSum{HT: t.Total.HT, N: 1, TTC: t.Total.TTC, VAT: t.Total.VAT}
	sum.add(document)
	b.Total.add(document)
	for _, r := range t.Rates {
		b.rate(r)
	}
	for _, n := range t.NonTurnover {
		place(&b.NonTurnover, NonTurnover{K: n.K}, byMotive).Amt += n.Amt
	}
	for _, p := range t.Pay {
		b.paid(p.Means, p.Amt, 1)
	}
	for i := range t.Lines {
		b.line(&t.Lines[i], refund)
	}
}

func (b *CloseBody) line(l *Line, refund bool) {
	b.nature(CloseNature{BP: l.BP, HT: l.HT, Nat: l.Nat, TTC: l.TTC, VAT: l.VAT})
	if l.Disc != 0 && !refund {
		b.discount(CloseDiscount{Amt: l.Disc, Mode: l.Mode, N: 1, Offered: l.TTC == 0, Reason: l.Reason})
	}
	if l.K != LineGift {
		return
	}
	if s := b.of(l.Class); refund {
		s.Returned -= l.Qty / 1000
	} else {
		s.Pledged += l.Qty / 1000
	}
}

func (b *CloseBody) redeem(r *RedeemBody) {
	b.Counts.Redemptions += int64(r.Qty)
	b.of(r.Class).serve(CloseServed{Memo: r.Memo * money.Cents(r.Qty), Mode: r.Mode, N: int64(r.Qty), Origin: r.Origin})
}

// add counts a movement of the drawer. A count in the middle of a shift ends nothing and moves nothing.
func (c *CloseCash) add(b *CashBody) {
	switch {
	case b.Type == CashFloat:
		c.Float += b.Amount
	case b.Type == CashIn:
		c.In += b.Amount
	case b.Type == CashOut:
		c.Out += b.Amount
	case b.Type == CashCount && b.Reason != cashCheck:
		c.Counts++
		c.Counted += b.Counted
		c.Expected += b.Expected
		c.Difference += b.Difference
		if b.Difference != 0 && b.Reason != "" {
			c.Reasons = append(c.Reasons, b.Reason)
		}
	}
}

func (s *CloseSum) add(o CloseSum) {
	s.HT += o.HT
	s.N += o.N
	s.TTC += o.TTC
	s.VAT += o.VAT
}

func (b *CloseBody) rate(r Rate) {
	at := place(&b.Rates, Rate{BP: r.BP}, byRate)
	at.HT += r.HT
	at.TTC += r.TTC
	at.VAT += r.VAT
}

func (b *CloseBody) nature(n CloseNature) {
	at := place(&b.Natures, CloseNature{BP: n.BP, Nat: n.Nat}, byNature)
	at.HT += n.HT
	at.TTC += n.TTC
	at.VAT += n.VAT
}

func (b *CloseBody) discount(d CloseDiscount) {
	at := place(&b.Discounts, CloseDiscount{Mode: d.Mode, Offered: d.Offered, Reason: d.Reason}, byDiscount)
	at.Amt += d.Amt
	at.N += d.N
}

func (b *CloseBody) paid(m Means, amt money.Cents, n int64) {
	at := place(&b.Means, CloseMeans{Means: m}, byMeans)
	at.Amt += amt
	at.N += n
	if m == ByCash {
		b.Cash.Received += amt
	}
}

func (b *CloseBody) document(s CloseSeries) {
	at := place(&b.Documents, CloseSeries{First: s.First, Series: s.Series}, bySeries)
	at.Last = s.Last
	at.N += s.N
}

func (b *CloseBody) of(class string) *CloseSuspended {
	return place(&b.Suspended, CloseSuspended{Class: class}, byClass)
}

func (s *CloseSuspended) serve(v CloseServed) {
	at := place(&s.Served, CloseServed{Mode: v.Mode, Origin: v.Origin}, byOrigin)
	at.Memo += v.Memo
	at.N += v.N
}

// join adds a day to its month, or a month to its year: a closing of that number at seq.
func (b *CloseBody) join(o *CloseBody, number string, seq int64) {
	if b.Days == 0 {
		b.FromDay, b.FromSeq = o.FromDay, o.FromSeq
	}
	b.Days += o.Days
	b.ToDay, b.ToSeq = o.ToDay, seq
	b.GT = o.GT
	b.Resumed = b.Resumed || o.Resumed
	b.Sales.add(o.Sales)
	b.Refunds.add(o.Refunds)
	b.Total.add(o.Total)
	for _, r := range o.Rates {
		b.rate(r)
	}
	for _, n := range o.Natures {
		b.nature(n)
	}
	for _, m := range o.Means {
		b.paid(m.Means, m.Amt, m.N)
	}
	for _, n := range o.NonTurnover {
		place(&b.NonTurnover, NonTurnover{K: n.K}, byMotive).Amt += n.Amt
	}
	for _, d := range o.Discounts {
		b.discount(d)
	}
	for _, s := range o.Suspended {
		b.of(s.Class).add(s)
	}
	for _, d := range o.Documents {
		b.document(d)
	}
	b.document(CloseSeries{First: number, Last: number, N: 1, Series: Series(number[:1])})
	b.Counts.add(o.Counts)
	b.Cash.join(o.Cash)
}

func (s *CloseSuspended) add(o CloseSuspended) {
	s.Collected += o.Collected
	s.Others += o.Others
	s.Pledged += o.Pledged
	s.Released += o.Released
	s.Retracted += o.Retracted
	s.Returned += o.Returned
	for _, v := range o.Served {
		s.serve(v)
	}
}

func (c *CloseCounts) add(o CloseCounts) {
	c.Duplicates += o.Duplicates
	c.Invoices += o.Invoices
	c.Minus += o.Minus
	c.Notes += o.Notes
	c.Redemptions += o.Redemptions
	c.Training += o.Training
}

// join adds the drawer of another period, but for what came in, which join of the means has added.
func (c *CloseCash) join(o CloseCash) {
	c.Counted += o.Counted
	c.Counts += o.Counts
	c.Difference += o.Difference
	c.Expected += o.Expected
	c.Float += o.Float
	c.In += o.In
	c.Out += o.Out
}

// clone returns a copy that shares no list with b.
func (b *CloseBody) clone() *CloseBody {
	c := *b
	c.Discounts, c.Documents, c.Means = slices.Clone(b.Discounts), slices.Clone(b.Documents), slices.Clone(b.Means)
	c.Natures, c.NonTurnover, c.Rates = slices.Clone(b.Natures), slices.Clone(b.NonTurnover), slices.Clone(b.Rates)
	c.Suspended, c.Cash.Reasons = slices.Clone(b.Suspended), slices.Clone(b.Cash.Reasons)
	for i := range c.Suspended {
		c.Suspended[i].Served = slices.Clone(c.Suspended[i].Served)
	}
	return &c
}

// finish completes the sums of a period as a closing carries them: every class ever moved with its shelf, no list null.
func (b *CloseBody) finish(gt Running) {
	b.GT = gt
	for _, p := range gt.Pools {
		b.of(p.Class)
	}
	for i := range b.Suspended {
		s := &b.Suspended[i]
		s.Shelf = totals{running: gt}.pool(s.Class)
		s.Served = listed(s.Served)
	}
	b.Discounts, b.Documents, b.Means, b.Natures = listed(b.Discounts), listed(b.Documents), listed(b.Means), listed(b.Natures)
	b.NonTurnover, b.Rates, b.Suspended, b.Cash.Reasons = listed(b.NonTurnover), listed(b.Rates), listed(b.Suspended), listed(b.Cash.Reasons)
	b.Counts.Entries = b.ToSeq - b.FromSeq + 1
	b.NF525 = closingCode
}

// place returns the element of a sorted list that stands where key does, put in when there is none. It is good until
// the list is changed again.
func place[T any](list *[]T, key T, compare func(a, b T) int) *T {
	i, found := slices.BinarySearchFunc(*list, key, compare)
	if !found {
		*list = slices.Insert(*list, i, key)
	}
	return &(*list)[i]
}

func byRate(a, b Rate) int { return cmp.Compare(a.BP, b.BP) }
func byNature(a, b CloseNature) int {
	return cmp.Or(strings.Compare(a.Nat, b.Nat), cmp.Compare(a.BP, b.BP))
}
func byMeans(a, b CloseMeans) int     { return cmp.Compare(a.Means, b.Means) }
func byMotive(a, b NonTurnover) int   { return strings.Compare(a.K, b.K) }
func bySeries(a, b CloseSeries) int   { return cmp.Compare(a.Series, b.Series) }
func byClass(a, b CloseSuspended) int { return strings.Compare(a.Class, b.Class) }
func byOrigin(a, b CloseServed) int {
	return cmp.Or(strings.Compare(a.Origin, b.Origin), cmp.Compare(a.Mode, b.Mode))
}
func byDiscount(a, b CloseDiscount) int {
	offered := 0
	if a.Offered != b.Offered {
		offered = 1
		if b.Offered {
			offered = -1
		}
	}
	return cmp.Or(strings.Compare(a.Reason, b.Reason), cmp.Compare(a.Mode, b.Mode), offered)
}
