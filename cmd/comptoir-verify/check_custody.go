package main

import "slices"

// custodyCheck (20) lists what the till itself saw and could not explain, and what an inspector should ask about.
type custodyCheck struct {
	clock      int64 // CLOCK_ANOMALY events
	firstClock int64
}

func (k *custodyCheck) pass(c *chain, e *entry) {
	switch b := e.body.(type) {
	case *event:
		k.event(c, e, b)
	case *resumption:
		c.r.count(checkCustody)
		k.resume(c, e, b)
	}
}

func (k *custodyCheck) event(c *chain, e *entry, b *event) {
	if b.code == "CLOCK_ANOMALY" {
		c.r.count(checkCustody)
		if k.clock++; k.clock == 1 {
			k.firstClock = e.seq
		}
	}
	what := map[string]string{
		"INTEGRITY_ERROR":   "la caisse a constaté que son journal n'était pas intègre",
		"ROLLBACK_DETECTED": "la caisse a constaté que des écritures avaient disparu",
		"KEY_LOST":          "la clé de signature a été perdue et remplacée",
		"RESTORE":           "les données ont été remises depuis une copie : ce qui la suivait peut manquer",
	}[b.code]
	if what == "" {
		return
	}
	c.r.count(checkCustody)
	if b.what != "" {
		what += " (" + shown(b.what) + ")"
	}
	c.r.warn(checkCustody, e, "%s : %s", b.code, what)
}

// resume checks what a RESUME must hold and warns of it (FORMAT.md §7).
func (k *custodyCheck) resume(c *chain, e *entry, b *resumption) {
	if e.op == "sys" || b.reason == "" {
		c.r.found(checkCustody, e, "la reprise n'a pas de responsable ou pas de motif")
	}
	if c.last != nil && (b.head.seq != e.seq-1 || b.head.hash != c.prev) {
		c.r.found(checkCustody, e, "la reprise ne nomme pas l'écriture qui la précède")
	}
	own, none := b.of == c.id.journal, b.anchor == nil
	holds := false
	switch b.cause {
	case "behind":
		holds = !none && own && b.anchor.seq > b.head.seq && b.lost == b.anchor.seq-b.head.seq
	case "differs":
		hash, known := "", false
		if !none {
			hash, known = c.hashAt(b.anchor.seq)
		}
		holds = !none && own && b.anchor.seq <= b.head.seq && b.lost == 0 && (!known || hash != b.anchor.hash)
	case "foreign":
		holds = !none && !own && b.of != "" && b.lost == 0
	case "clock":
		holds = none && b.of == "" && b.lost == 0
	}
	if !holds || b.cause != "behind" && len(b.numbers) > 0 || !none && !isHash(b.anchor.hash) {
		c.r.found(checkCustody, e, "la reprise pour la cause « %s » ne dit pas ce qui va avec cette cause", shown(b.cause))
	}
	said := map[string]string{
		"behind":  "des écritures vues hors de la caisse avaient disparu (%d au plus)",
		"differs": "à la place d'une écriture vue hors de la caisse, il y en avait une autre (%d perdue déclarée)",
		"foreign": "la tête hors de la caisse était d'un autre journal (%d perdue déclarée)",
	}[b.cause]
	if said != "" {
		c.r.warn(checkCustody, e, "RESUME : "+said+" ; %s a repris le service", b.lost, shown(e.op))
	}
}

// marked is whether an entry is one of those that journal_marks lists, and its code there.
func marked(e *entry) (string, bool) {
	if e.kind == kindResume {
		return kindResume, true
	}
	b, ok := e.body.(*event)
	if !ok || !slices.Contains([]string{"INTEGRITY_OK", "INTEGRITY_ERROR", "INTEGRITY_SEEN", "ROLLBACK_DETECTED", "KEY_LOST", "BACKUP", "RESTORE"}, b.code) {
		return "", false
	}
	return b.code, true
}
