package main

import (
	"strings"
)

// tableColumn is one table of an archive and its columns, as receipts/archive/FORMAT.md §6 names them. ENTETE stands
// for the seven by which most begin; a plus for the two columns of an amount.
type tableColumn struct{ name, columns string }

func tableColumns() []tableColumn {
	return []tableColumn{
		{"tickets.csv", "ENTETE autorise_par mode document_origine motif remise notes lignes ht+ tva+ ttc+ hors_ca+ exercice+ perpetuel_net+ perpetuel_abs+ logiciel noyau hash"},
		{"lignes.csv", "seq document type jour n parent article libelle categorie quantite_milliemes unite prix_unitaire+ remise+ motif taux_pb ht+ tva+ ttc+ nature mode genre classe memoire+ n_origine"},
		{"tva.csv", "seq document type jour taux_pb ht+ tva+ ttc+"},
		{"paiements.csv", "seq document type jour n moyen montant+ donne+ rendu+ reference document_origine motif autorise_par"},
		{"hors_ca.csv", "seq document type jour nature montant+"},
		{"notes.csv", "ENTETE commande impression lignes total+"},
		{"notes_lignes.csv", "seq document jour n article libelle quantite_milliemes prix_unitaire+ ttc+"},
		{"duplicatas.csv", "ENTETE original original_seq numero forme motif"},
		{"factures.csv", "ENTETE ticket ticket_seq lignes ht+ tva+ ttc+ acheteur_sha256"},
		{"corrections.csv", "ENTETE commande ligne libelle quantite_milliemes montant+ motif"},
		{"caisse.csv", "ENTETE mouvement montant+ compte+ attendu+ ecart+ motif service"},
		{"suspendus.csv", "ENTETE classe quantite mouvement stock_apres origine cause mode article libelle memoire+ document_origine motif autorise_par"},
		{"clotures.csv", "ENTETE periode du_jour au_jour jours tardive reprise de_seq a_seq heure_limite_min precedente" +
			" ventes_n ventes_ht+ ventes_tva+ ventes_ttc+ avoirs_n avoirs_ht+ avoirs_tva+ avoirs_ttc+ total_n total_ht+ total_tva+ total_ttc+" +
			" fond+ entrees+ sorties+ recu+ comptages compte+ attendu+ ecart+ ecritures notes duplicatas factures moins servis ecole ouverts_n ouverts+" +
			" exercice+ perpetuel_net+ perpetuel_abs+ evenements_seq evenements_hash nf525 logiciel noyau hash"},
		{"clotures_detail.csv", "seq document rubrique code origine mode taux_pb n ht+ tva+ ttc+ premier dernier"},
		{"totaux_perpetuels.csv", "seq document type periode au_jour taux_pb net+ abs+ exercice+"},
		{"evenements.csv", "ENTETE code nf525 gravite logiciel noyau cle donnees"},
		{"ecole.csv", "ENTETE corps"},
	}
}

func (p *projection) sale(c *chain, e *entry, b *sale, r *row) {
	origin, notes, others := "", make([]string, len(b.notes)), int64(0)
	if b.ref != nil {
		origin = b.ref.doc
	}
	for i, n := range b.notes {
		notes[i] = n.doc
	}
	for _, o := range b.others {
		others += o.amt
	}
	r.header(e)
	r.cells(b.auth, b.mode, origin, b.reason, b.delivery, strings.Join(notes, " "))
	r.number(b.total.lines)
	r.cents(b.total.ht, b.total.vat, b.total.ttc, others, b.gt.yearNet, b.gt.perpNet, b.gt.perpAbs)
	r.cells(e.sw, e.core, e.hex())
	p.put(c, e, "tickets.csv", r)
	for _, l := range b.lines {
		p.line(c, e, l, r)
		if l.k == "susp_issue" {
			r.header(e)
			r.cell(l.class)
			r.number(l.qty/1000, l.qty/1000)
			r.blank(3)
			r.cells(l.mode, l.sku, l.label)
			r.cents(l.memo)
			r.cells(origin, b.reason, b.auth)
			p.put(c, e, "suspendus.csv", r)
		}
	}
	for _, t := range b.rates {
		r.place(e)
		r.number(t.bp)
		r.cents(t.ht, t.vat, t.ttc)
		p.put(c, e, "tva.csv", r)
	}
	for _, t := range b.pay {
		r.place(e)
		r.number(t.n)
		r.cell(t.means)
		r.cents(t.amt, t.given, t.change)
		r.cell(t.ref)
		r.blank(3)
		p.put(c, e, "paiements.csv", r)
	}
	for _, o := range b.others {
		r.place(e)
		r.cell(o.k)
		r.cents(o.amt)
		p.put(c, e, "hors_ca.csv", r)
	}
}

func (p *projection) line(c *chain, e *entry, l saleLine, r *row) {
	r.place(e)
	r.number(l.n, l.parent)
	r.cells(l.sku, l.label, l.cat)
	r.number(l.qty)
	r.cell(l.unit)
	r.cents(l.pu, l.disc)
	r.cell(l.reason)
	r.number(l.bp)
	r.cents(l.ht, l.vat, l.ttc)
	r.cells(l.nat, l.mode, l.k, l.class)
	r.cents(l.memo)
	r.number(l.refN)
	p.put(c, e, "lignes.csv", r)
}

func (p *projection) move(c *chain, e *entry, b *move, r *row) {
	r.header(e)
	r.cell(b.class)
	switch e.kind {
	case kindRedeem:
		moved, origin := -b.qty, ""
		if b.origin == "HOUSE" {
			moved = 0
		}
		if b.ref != nil {
			origin = b.ref.doc
		}
		r.number(b.qty, moved, b.after)
		r.cells(b.origin, "", b.mode, b.sku, b.label)
		r.cents(b.memo)
		r.cells(origin, "", "")
	case kindRelease:
		r.number(b.qty, b.qty, b.after)
		r.cells("", b.cause, "", "", "", "", "", b.ticket, "", "")
	default:
		r.number(b.qty, b.qty, b.after)
		r.cells(b.origin, b.cause, "", "", "", "", "", "", b.reason, b.auth)
	}
	p.put(c, e, "suspendus.csv", r)
}

func (p *projection) closing(c *chain, e *entry, b *closing, r *row) {
	before := ""
	if b.prev != nil {
		before = b.prev.doc
	}
	r.header(e)
	r.cells(b.period, b.fromDay, b.toDay)
	r.number(b.days)
	r.truth(b.late, b.resumed)
	r.number(b.fromSeq, b.toSeq, b.cutoff)
	r.cell(before)
	for _, s := range []docSum{b.sales, b.refunds, b.total} {
		r.number(s.n)
		r.cents(s.ht, s.vat, s.ttc)
	}
	r.cents(b.cash.float, b.cash.in, b.cash.out, b.cash.received)
	r.number(b.cash.counts)
	r.cents(b.cash.counted, b.cash.expected, b.cash.difference)
	r.number(b.counts.entries, b.counts.notes, b.counts.duplicates, b.counts.invoices, b.counts.minus, b.counts.redemptions, b.counts.training, b.openTickets)
	r.cents(b.openAmount, b.gt.yearNet, b.gt.perpNet, b.gt.perpAbs)
	r.number(b.events.seq)
	r.cell(b.events.hash)
	r.number(b.nf525)
	r.cells(e.sw, e.core, e.hex())
	p.put(c, e, "clotures.csv", r)
	p.details(c, e, b)
	p.perpetual(c, e, b, r)
}

func (p *projection) perpetual(c *chain, e *entry, b *closing, r *row) {
	begin := func() {
		r.number(e.seq)
		r.cells(e.doc, e.kind, b.period, b.toDay)
	}
	begin()
	r.cell("")
	r.cents(b.gt.perpNet, b.gt.perpAbs, b.gt.yearNet)
	p.put(c, e, "totaux_perpetuels.csv", r)
	for _, t := range b.gt.rates {
		begin()
		r.number(t.bp)
		r.cents(t.net, t.abs)
		r.blank(2)
		p.put(c, e, "totaux_perpetuels.csv", r)
	}
}

// detail is one row of clotures_detail.csv: what is not named stays empty.
type detail struct {
	section, code, origin, mode string
	bp, n                       *int64
	ht, vat, ttc                *int64
	first, last                 string
}

func (p *projection) details(c *chain, e *entry, b *closing) {
	put := func(d detail) {
		r := &row{}
		r.number(e.seq)
		r.cells(e.doc, d.section, d.code, d.origin, d.mode)
		for _, n := range []*int64{d.bp, d.n} {
			if n == nil {
				r.cell("")
			} else {
				r.number(*n)
			}
		}
		for _, n := range []*int64{d.ht, d.vat, d.ttc} {
			if n == nil {
				r.blank(2)
			} else {
				r.cents(*n)
			}
		}
		r.cells(d.first, d.last)
		p.put(c, e, "clotures_detail.csv", r)
	}
	for _, t := range b.rates {
		put(detail{section: "taux", bp: &t.bp, ht: &t.ht, vat: &t.vat, ttc: &t.ttc})
	}
	for _, t := range b.natures {
		put(detail{section: "nature", code: t.nat, bp: &t.bp, ht: &t.ht, vat: &t.vat, ttc: &t.ttc})
	}
	for _, m := range b.means {
		put(detail{section: "moyen", code: m.means, n: &m.n, ttc: &m.amt})
	}
	for _, d := range b.discounts {
		section := "remise"
		if d.offered {
			section = "offert"
		}
		put(detail{section: section, code: d.reason, mode: d.mode, n: &d.n, ttc: &d.amt})
	}
	for _, o := range b.others {
		put(detail{section: "hors_ca", code: o.k, ttc: &o.amt})
	}
	for _, d := range b.documents {
		put(detail{section: "serie", code: d.series, n: &d.n, first: d.first, last: d.last})
	}
	for _, reason := range b.cash.reasons {
		put(detail{section: "ecart", code: reason})
	}
	for _, s := range b.suspended {
		shelfDetails(s, put)
	}
	for _, o := range b.gt.pools {
		put(detail{section: "pool", code: o.class, n: &o.n})
	}
}

func shelfDetails(s shelf, put func(detail)) {
	for _, one := range []struct {
		section string
		n       int64
	}{
		{"achetes", s.pledged}, {"rembourses", s.returned}, {"liberes", s.released}, {"repris", s.retracted},
		{"partenaires", s.collected}, {"autres", s.others},
	} {
		put(detail{section: "suspendus." + one.section, code: s.class, n: &one.n})
	}
	for _, o := range s.served {
		put(detail{section: "suspendus.servis", code: s.class, origin: o.origin, mode: o.mode, n: &o.n, ttc: &o.memo})
	}
	put(detail{section: "suspendus.stock", code: s.class, n: &s.left})
}
