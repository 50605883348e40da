package main

// copy (13) checks that the duplicates of a document are numbered 1, 2, 3… (R38).
func (c *chain) copy(e *entry, b *duplicate, judged bool) {
	p := c.referred(e, b.of, judged, kindTicket, kindRefund, kindRedeem, kindInvoice)
	if p == nil {
		return
	}
	if judged {
		c.r.count(checkDuplicate)
		switch {
		case p.training:
			c.r.found(checkDuplicate, e, "duplicata d'un document d'école")
		case b.n != p.copies+1:
			c.r.found(checkDuplicate, e, "duplicata n° %d de %s : le n° %d était attendu", b.n, shown(b.of.doc), p.copies+1)
		case b.why == "":
			c.r.found(checkDuplicate, e, "le duplicata n'a pas de motif")
		}
	}
	p.copies = b.n
}
