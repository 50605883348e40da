package main

// poolCheck (9): how many items of each class the journal says are on the shelf, never below zero (U6).
type poolCheck struct {
	left  map[string]int64
	known bool // the state before the range is known
}

// pass moves the pools by an entry; the totals read them.
func (p *poolCheck) pass(c *chain, e *entry) {
	if e.training {
		if b, ok := e.body.(*move); ok && p.known && b.after != p.left[b.class] {
			c.r.found(checkPool, e, "l'école annonce %d en attente, il y en a %d", b.after, p.left[b.class])
		}
		return
	}
	switch b := e.body.(type) {
	case *genesis:
		p.known = true
	case *sale:
		for _, l := range b.lines {
			if l.k == "susp_issue" {
				p.move(c, e, l.class, l.qty/1000)
			}
		}
	case *move:
		if e.kind == kindRedeem {
			if b.origin != "HOUSE" {
				p.move(c, e, b.class, -b.qty)
			}
		} else {
			p.move(c, e, b.class, b.qty)
		}
		p.state(c, e, b.class, b.after)
	}
}

func (p *poolCheck) move(c *chain, e *entry, class string, n int64) {
	class = c.words.keep(class)
	p.left[class] += n
	if p.known && p.left[class] < 0 {
		c.r.found(checkPool, e, "il y aurait %d suspendus « %s » en attente : moins que zéro", p.left[class], shown(class))
	}
}

// state compares the pool with what an entry states. A state that was not known is taken over.
func (p *poolCheck) state(c *chain, e *entry, class string, stated int64) {
	c.r.count(checkPool)
	if p.known && p.left[class] != stated {
		c.r.found(checkPool, e, "l'écriture annonce %d suspendus « %s » en attente, il y en a %d", stated, shown(class), p.left[class])
	}
	if p.left[class] != stated {
		p.left[c.words.keep(class)] = stated
	}
	if stated < 0 {
		c.r.found(checkPool, e, "moins que zéro suspendu en attente")
	}
}
