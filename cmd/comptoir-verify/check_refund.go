package main

import "slices"

// keep remembers of a document what later entries may refer to.
func (c *chain) keep(e *entry) {
	series, _, n, ok := parseNumber(e.doc)
	if !e.numbered || !ok || e.body == nil {
		return
	}
	p := &paper{kind: c.words.keep(e.kind), series: c.words.keep(series), year: fiscalYear(e.day, c.start), n: n, training: e.training}
	switch b := e.body.(type) {
	case *sale:
		p.total = b.total
		for _, l := range b.lines {
			if e.kind == kindTicket {
				p.lines = append(p.lines, leftLine{n: l.n, qty: l.qty, ttc: l.ttc, pu: l.pu, bp: l.bp, k: c.words.keep(l.k), class: c.words.keep(l.class), sku: c.words.keep(l.sku)})
			}
		}
		for _, t := range b.pay {
			p.paid(c.words.keep(t.means), t.amt)
		}
	case *move:
		p.class, p.origin, p.undone = c.words.keep(b.class), c.words.keep(b.origin), b.qty < 0
	}
	c.papers[e.seq] = p
}

func (p *paper) paid(means string, amt int64) {
	i := slices.IndexFunc(p.pay, func(t leftPay) bool { return t.means == means })
	if i < 0 {
		p.pay, i = append(p.pay, leftPay{means: means}), len(p.pay)
	}
	p.pay[i].amt += amt
}

// referred finds the document of a ref. Of the context an entry that is not there is no anomaly: it is not followed.
func (c *chain) referred(e *entry, r ref, judged bool, kinds ...string) *paper {
	p := c.papers[r.seq]
	series, digits, n, ok := parseNumber(r.doc)
	if p != nil && ok && p.series == series && p.n == n && p.year%100 == digits && slices.Contains(kinds, p.kind) && r.seq < e.seq {
		if judged {
			c.r.count(checkRefund)
		}
		return p
	}
	if judged {
		c.r.found(checkRefund, e, "le document %s, écriture %d, auquel l'écriture se rapporte, n'existe pas avant elle", orNone(r.doc), r.seq)
	}
	return nil
}

// correct (8) checks what an entry takes back of an earlier one, and notes what is left.
func (c *chain) correct(e *entry, judged bool) {
	switch b := e.body.(type) {
	case *sale:
		for _, n := range b.notes {
			c.referred(e, n, judged, kindNote)
		}
		if e.kind == kindRefund && b.ref != nil {
			if p := c.referred(e, *b.ref, judged, kindTicket); p != nil {
				c.refund(e, b, p, judged)
			}
		} else if e.kind == kindRefund && judged {
			c.r.found(checkRefund, e, "l'avoir ne dit pas de quel ticket il est")
		}
	case *move:
		if b.ref != nil && e.kind == kindRedeem {
			c.undo(e, b, judged)
		}
	case *duplicate:
		c.copy(e, b, judged)
	case *invoice:
		c.invoice(e, b, judged)
	case *payFix:
		c.fix(e, b, judged)
	}
}

// refund checks rules 5 and 7 of FORMAT.md §7.
func (c *chain) refund(e *entry, b *sale, p *paper, judged bool) {
	must := func(holds bool, format string, args ...any) {
		if judged && !holds {
			c.r.found(checkRefund, e, format, args...)
		}
	}
	must(p.training == e.training, "un ticket d'école et un avoir qui n'en est pas, ou l'inverse")
	for _, r := range b.rates {
		var before int64
		for _, l := range p.lines {
			if l.bp == r.bp {
				before += l.ttc
			}
		}
		was, ok := net(before, r.bp)
		is, okAfter := net(before+r.ttc, r.bp)
		must(ok && okAfter && r.ht == is-was, "la TVA remboursée au taux %s n'est pas celle de ce qui restait du ticket", percent(r.bp))
	}
	for _, l := range b.lines {
		i := slices.IndexFunc(p.lines, func(left leftLine) bool { return left.n == l.refN })
		if i < 0 {
			must(false, "la ligne %d rembourse la ligne %d, qui n'existe pas", l.n, l.refN)
			continue
		}
		left := &p.lines[i]
		must(left.pu == l.pu && left.bp == l.bp && left.k == l.k && left.class == l.class && left.sku == l.sku, "la ligne %d n'est pas celle qu'elle rembourse : prix, taux ou article diffèrent", l.n)
		left.qty, left.ttc = left.qty+l.qty, left.ttc+l.ttc
		must(left.qty >= 0 && left.ttc >= 0, "la ligne %d rembourse plus qu'il ne restait de la ligne d'origine", l.n)
		must(left.qty != 0 || left.ttc == 0, "la ligne %d rend toute la quantité et pas tout le prix", l.n)
	}
}

// undo checks that a serving is undone once, and as it was.
func (c *chain) undo(e *entry, b *move, judged bool) {
	p := c.referred(e, *b.ref, judged, kindRedeem)
	if p == nil {
		return
	}
	if judged && (p.undone || p.class != b.class || p.origin != b.origin || p.training != e.training) {
		c.r.found(checkRefund, e, "le service %s ne peut pas être annulé ainsi : il l'est déjà, ou n'est pas de cette classe et origine", shown(b.ref.doc))
	}
	p.undone = true
}

// invoice checks that a ticket has one invoice, of its total.
func (c *chain) invoice(e *entry, b *invoice, judged bool) {
	p := c.referred(e, b.of, judged, kindTicket)
	if p == nil {
		return
	}
	if judged && (p.invoiced || p.training || p.total != b.total || len(b.buyer) != len(noHash)) {
		c.r.found(checkRefund, e, "la facture n'est pas la seule de son ticket %s, ou n'en a pas le total", shown(b.of.doc))
	}
	p.invoiced = true
}

// fix checks a correction of the means of a payment (R42).
func (c *chain) fix(e *entry, b *payFix, judged bool) {
	p := c.referred(e, b.of, judged, kindTicket, kindRefund)
	if p == nil {
		return
	}
	var paid int64
	for _, t := range p.pay {
		if t.means == b.from {
			paid = t.amt
		}
	}
	sign := int64(1)
	if p.kind == kindRefund {
		sign = -1
	}
	if judged && (b.from == b.to || !meansKnown(b.from) || !meansKnown(b.to) || b.why == "" || p.training || b.amt*sign <= 0 || abs(b.amt) > abs(paid)) {
		c.r.found(checkRefund, e, "la correction de moyen de paiement de %s déplace %s de %s vers %s : ce document n'a que %s par ce moyen", shown(b.of.doc), euros(b.amt), shown(b.from), shown(b.to), euros(paid))
	}
	p.paid(c.words.keep(b.from), -b.amt)
	p.paid(c.words.keep(b.to), b.amt)
}
