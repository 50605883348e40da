package main

import "slices"

// checkSale checks (7) the rules of FORMAT.md §7 that a document must meet by itself; what a refund leaves of its
// ticket is checkRefunds'.
func checkSale(e *entry, s *sale) {
	sign := int64(1)
	if e.kind == kindRefund {
		sign = -1
	}
	e.must(checkCanonical, modeKnown(s.mode), "mode « %s » inconnu", shown(s.mode))
	e.must(checkCanonical, slices.Contains([]string{"none", "paper", "email", "screen_qr"}, s.delivery), "remise « %s » inconnue", shown(s.delivery))
	e.must(checkArithmetic, s.total.lines == int64(len(s.lines)), "le ticket annonce %d lignes et en a %d", s.total.lines, len(s.lines))
	for i := range s.lines {
		checkLine(e, &s.lines[i], i, sign)
	}
	checkRates(e, s)
	checkPayments(e, s, sign)
	if sign > 0 {
		e.must(checkRefund, s.ref == nil, "un ticket ne référence pas d'autre ticket")
		for _, r := range s.rates {
			ht, ok := net(r.ttc, r.bp)
			e.must(checkArithmetic, ok && ht == r.ht, "la TVA au taux %s n'est pas celle de %s TTC", percent(r.bp), euros(r.ttc))
		}
	}
}

func checkLine(e *entry, l *saleLine, i int, sign int64) {
	e.must(checkArithmetic, l.n == int64(i)+1, "la ligne %d porte le numéro %d", i+1, l.n)
	e.must(checkCanonical, l.parent >= 0 && l.parent < l.n, "la ligne %d est l'option d'une ligne qui ne la précède pas", l.n)
	e.must(checkCanonical, l.k == "sale" && l.class == "" || l.k == "susp_issue" && l.class != "", "le genre de la ligne %d ne va pas avec sa classe", l.n)
	e.must(checkCanonical, modeKnown(l.mode) && (l.nat == "G" || l.nat == "S"), "le mode ou la nature de la ligne %d est inconnu", l.n)
	gross, ok := rounded(l.pu, l.qty, 1000)
	e.must(checkArithmetic, ok && l.ttc == gross-l.disc, "la ligne %d ne vaut pas prix × quantité − remise", l.n)
	e.must(checkArithmetic, sign*l.qty > 0 && sign*l.ttc >= 0 && sign*l.disc >= 0, "les signes de la ligne %d ne sont pas ceux d'un tel document", l.n)
	e.must(checkArithmetic, l.ttc == l.ht+l.vat, "HT et TVA de la ligne %d ne font pas son TTC", l.n)
	e.must(checkPool, l.k != "susp_issue" || l.qty%1000 == 0, "la ligne %d vend un suspendu qui n'est pas entier", l.n)
	e.must(checkRefund, sign < 0 || l.refN == 0, "la ligne %d d'un ticket référence une ligne remboursée", l.n)
}

// checkRates holds lines, rates and total against each other, and the share of each line in the net of its rate.
func checkRates(e *entry, s *sale) {
	var sum saleTotal
	for i, r := range s.rates {
		e.must(checkArithmetic, i == 0 || s.rates[i-1].bp < r.bp, "les taux ne sont pas dans l'ordre")
		e.must(checkArithmetic, r.ttc == r.ht+r.vat, "HT et TVA du taux %s ne font pas son TTC", percent(r.bp))
		sum.ttc, sum.ht, sum.vat = sum.ttc+r.ttc, sum.ht+r.ht, sum.vat+r.vat
		var ttc, lines int64
		var weights, hts []int64
		for j := range s.lines {
			if l := &s.lines[j]; l.bp == r.bp {
				ttc, lines = ttc+l.ttc, lines+1
				weights, hts = append(weights, abs(l.ttc)), append(hts, l.ht)
			}
		}
		e.must(checkArithmetic, lines > 0 && ttc == r.ttc, "les lignes au taux %s ne font pas %s TTC", percent(r.bp), euros(r.ttc))
		shares, ok := allocate(r.ht, weights)
		e.must(checkArithmetic, ok && slices.Equal(shares, hts), "le HT du taux %s n'est pas réparti sur ses lignes comme prescrit", percent(r.bp))
	}
	for i := range s.lines {
		bp := s.lines[i].bp
		e.must(checkArithmetic, slices.ContainsFunc(s.rates, func(r rate) bool { return r.bp == bp }), "le taux %s de la ligne %d n'est pas parmi ceux du document", percent(bp), i+1)
	}
	t := s.total
	e.must(checkArithmetic, t.ttc == sum.ttc && t.ht == sum.ht && t.vat == sum.vat, "les taux ne font pas le total")
	e.must(checkArithmetic, t.ttc == t.ht+t.vat, "HT et TVA du total ne font pas son TTC")
}

func checkPayments(e *entry, s *sale, sign int64) {
	var paid, others int64
	for i, p := range s.pay {
		e.must(checkArithmetic, p.n == int64(i)+1, "le paiement %d porte le numéro %d", i+1, p.n)
		e.must(checkCanonical, meansKnown(p.means), "moyen de paiement « %s » inconnu", shown(p.means))
		e.must(checkArithmetic, p.amt == p.given-p.change, "le paiement %d n'est pas donné moins rendu", p.n)
		e.must(checkArithmetic, p.change == 0 || p.means == "CASH" && p.change > 0, "le paiement %d rend de la monnaie hors espèces", p.n)
		e.must(checkArithmetic, sign > 0 || p.amt <= 0, "le paiement %d d'un avoir est positif", p.n)
		paid += p.amt
	}
	for _, o := range s.others {
		e.must(checkCanonical, slices.Contains([]string{"tip", "tr_excess", "bum_issue", "deposit", "pass_through"}, o.k), "« %s » n'est pas un genre d'encaissement hors chiffre d'affaires", shown(o.k))
		others += o.amt
	}
	e.must(checkArithmetic, paid == s.total.ttc+others, "les paiements font %s, le total %s", euros(paid), euros(s.total.ttc+others))
}

func meansKnown(m string) bool {
	return slices.Contains([]string{"CASH", "CARD", "TR", "CHEQUE", "TRANSFER"}, m)
}

func checkNote(e *entry, b *note) {
	var sum, taxed int64
	for _, l := range b.lines {
		sum += l.ttc
	}
	e.must(checkArithmetic, sum == b.total, "les lignes de la note ne font pas son total")
	e.must(checkCanonical, b.print > 0, "le numéro d'impression de la note n'est pas positif")
	e.must(checkCanonical, b.rated || coreMajor(e.core) < 2, "la clé « rates » manque dans « body »")
	for i, r := range b.rates {
		ht, ok := net(r.ttc, r.bp)
		e.must(checkArithmetic, ok && ht == r.ht && r.ttc == r.ht+r.vat && (i == 0 || b.rates[i-1].bp < r.bp), "la TVA de la note au taux %s est fausse", percent(r.bp))
		taxed += r.ttc
	}
	e.must(checkArithmetic, !b.rated || taxed == b.total, "les taux de la note ne font pas son total")
}
