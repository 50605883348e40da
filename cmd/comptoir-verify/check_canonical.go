package main

import "slices"

// checkBody checks (2, 7) what a body must hold by itself: the codes of the format, and the arithmetic of a document.
func checkBody(e *entry) {
	switch b := e.body.(type) {
	case *sale:
		checkSale(e, b)
	case *note:
		checkNote(e, b)
	case *minus:
		e.must(checkCanonical, b.qty > 0 && b.amount >= 0, "une ligne retirée a une quantité et un montant positifs")
	case *move:
		checkMove(e, b)
	case *cash:
		e.must(checkCanonical, slices.Contains([]string{"float", "in", "out", "count"}, b.what), "mouvement de caisse « %s » inconnu", shown(b.what))
		e.must(checkArithmetic, b.difference == b.counted-b.expected, "l'écart de caisse n'est pas compté moins attendu")
	case *event:
		e.must(checkCanonical, slices.Contains([]string{"info", "warning", "alert"}, b.sev), "gravité « %s » inconnue", shown(b.sev))
	case *genesis:
		checkGenesis(e, b)
	}
}

// must notes a flaw unless it holds.
func (e *entry) must(check string, holds bool, format string, args ...any) {
	if !holds {
		e.flaw(check, format, args...)
	}
}

func checkGenesis(e *entry, b *genesis) {
	regimes := []string{"normal_monthly", "normal_quarterly", "simplified", "franchise", "exempt_association"}
	e.must(checkCanonical, slices.Contains(regimes, b.regime), "régime de TVA « %s » inconnu", shown(b.regime))
	e.must(checkCanonical, b.cutoff >= 0 && b.cutoff < 24*60, "l'heure limite de la journée n'est pas une heure")
	e.must(checkCanonical, b.siret == e.siret, "le SIRET du contenu n'est pas celui de l'écriture")
	e.must(checkCanonical, b.perpNet == 0 && b.perpAbs == 0, "les totaux d'ouverture ne sont pas nuls")
	_, err := fiscalStart(b.fiscalStart)
	e.must(checkCanonical, err == nil, "le début d'exercice « %s » n'est pas un jour", shown(b.fiscalStart))
}

func checkMove(e *entry, b *move) {
	e.must(checkCanonical, b.class != "", "la classe d'un suspendu manque")
	switch e.kind {
	case kindRedeem:
		origins := []string{"PAID", "LOYALTY", "SPONSOR", "FUND", "HOUSE"}
		e.must(checkCanonical, slices.Contains(origins, b.origin), "origine « %s » inconnue", shown(b.origin))
		e.must(checkCanonical, modeKnown(b.mode), "mode « %s » inconnu", shown(b.mode))
		e.must(checkCanonical, b.qty == 1 && b.ref == nil || b.qty == -1 && b.ref != nil, "un service a la quantité 1, son annulation −1 et la référence du service")
	case kindRelease:
		e.must(checkCanonical, b.cause == "loyalty", "cause « %s » inconnue", shown(b.cause))
		e.must(checkCanonical, abs(b.qty) == 1, "un repas libéré a la quantité 1, repris −1")
	case kindAdjust:
		e.must(checkCanonical, b.qty != 0, "un ajustement n'est pas nul")
		e.must(checkCanonical, b.cause != "house" || b.qty > 0 && b.origin == "HOUSE", "la maison n'ajoute que des articles à elle")
	}
}

func modeKnown(mode string) bool { return mode == "eat_in" || mode == "takeaway" }
