package main

import "slices"

// checkTrainingOf (14): an exercise has its own series and moves nothing; what moves something is never one. That it
// is in no total shows in the totals (10) and the closings (11), which leave it out.
func (c *chain) checkTrainingOf(e *entry) {
	if !e.training {
		return
	}
	c.r.count(checkTraining)
	never := []string{
		kindGenesis, kindDay, kindMonth, kindYear, kindDuplicate, kindInvoice, kindPayFix, kindArchive, kindRotate, kindResume,
	}
	if slices.Contains(never, e.kind) {
		c.r.found(checkTraining, e, "une écriture %s n'existe pas en mode école", e.kind)
	}
}
