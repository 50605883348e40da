package main

// Shapes of what FORMAT.md §3 and §7 describe, as readShape reads them.
const (
	envelopeShape = `{v i, journal s, reg s, siret s, seq i, prev s, kind s, doc ?s, ts s, tz i, bday s, op s, sw s, core s, key s, training b, body *}`

	refShape     = `{doc s, seq i}`
	rateShape    = `{bp i, ttc i, ht i, vat i}`
	amountShape  = `{k s, amt i}`
	headShape    = `{seq i, hash s}`
	sumShape     = `{ht i, n i, ttc i, vat i}`
	runningShape = `{perp_net i, perp_abs i, rates [{bp i, net i, abs i}], year_net i, pools [{class s, n i}]}`

	genesisShape = `{name s, legal_name s, address s, siret s, vat_number s, naf s, vat_regime s, demo b, zone s, cutoff i, fiscal_start s,
		public_key s, custody s, opening {perp_net i, perp_abs i}}`
	saleShape = `{mode s, ref ?` + refShape + `, notes [` + refShape + `], reason s, auth s, delivery s,
		lines [{n i, sku s, label s, cat s, qty i, unit s, pu i, disc i, reason s, ttc i, bp i, ht i, vat i, nat s, mode s, k s, class s, parent i, memo i, ref_n i}],
		rates [` + rateShape + `], total {ttc i, ht i, vat i, lines i},
		pay [{n i, m s, amt i, given i, change i, ref s}], non_turnover [` + amountShape + `], gt ` + runningShape + `}`
	noteShape    = `{ticket s, print i, total i, lines [{n i, sku s, label s, qty i, pu i, ttc i}], ~rates [` + rateShape + `]}`
	minusShape   = `{ticket s, line i, label s, qty i, amount i, reason s}`
	redeemShape  = `{class s, origin s, sku s, label s, memo i, mode s, qty i, ref ?` + refShape + `, pool_after i}`
	releaseShape = `{class s, cause s, qty i, ticket s, pool_after i}`
	adjustShape  = `{auth s, cause s, class s, origin s, pool_after i, qty i, reason s}`
	cashShape    = `{type s, amount i, counted i, expected i, difference i, reason s, shift s}`
	eventShape   = `{code s, nf525 ?i, sev s, data *}`
	closeShape   = `{cash {counted i, counts i, difference i, expected i, float i, in i, out i, reasons [s], received i},
		counts {duplicates i, entries i, invoices i, minus i, notes i, redemptions i, training i}, cutoff i, days i,
		discounts [{amt i, mode s, n i, offered b, reason s}], documents [{first s, last s, n i, series s}], events ` + headShape + `,
		from_day s, from_seq i, gt ` + runningShape + `, late b, means [{amt i, m s, n i}], natures [{bp i, ht i, nat s, ttc i, vat i}],
		nf525 i, non_turnover [` + amountShape + `], open {amount i, tickets i}, period s, prev_close ?` + refShape + `, rates [` + rateShape + `],
		refunds ` + sumShape + `, resumed b, sales ` + sumShape + `,
		suspended [{class s, collected i, others i, pledged i, released i, retracted i, returned i, served [{memo i, mode s, n i, origin s}], shelf i}],
		to_day s, to_seq i, total ` + sumShape + `}`
	duplicateShape = `{form s, n i, of ` + refShape + `, reason s}`
	invoiceShape   = `{buyer s, of ` + refShape + `, total {ttc i, ht i, vat i, lines i}}`
	payFixShape    = `{amt i, auth s, from s, of ` + refShape + `, reason s, to s}`
	archiveShape   = `{files [{name s, sha256 s, size i}], from_seq i, manifest s, medium s, name s, nf525 i, period s, prev ?` + refShape + `, to_seq i}`
	rotateShape    = `{anchor ?` + headShape + `, custody s, id s, lost b, public_key s, reason s}`
	resumeShape    = `{anchor ?` + headShape + `, anchor_journal s, cause s, head ` + headShape + `, lost i, numbers [s], reason s}`
)

// Kinds of entries.
const (
	kindGenesis   = "GENESIS"
	kindTicket    = "TICKET"
	kindRefund    = "REFUND"
	kindNote      = "NOTE_PRINT"
	kindMinus     = "ORDER_MINUS"
	kindRedeem    = "SUSP_REDEEM"
	kindRelease   = "SUSP_RELEASE"
	kindAdjust    = "SUSP_ADJUST"
	kindCash      = "CASH"
	kindEvent     = "EVENT"
	kindDay       = "CLOSE_DAY"
	kindMonth     = "CLOSE_MONTH"
	kindYear      = "CLOSE_YEAR"
	kindDuplicate = "DUPLICATE"
	kindInvoice   = "INVOICE"
	kindPayFix    = "PAY_FIX"
	kindArchive   = "ARCHIVE"
	kindRotate    = "KEY_ROTATE"
	kindResume    = "RESUME"
)

// series of the kinds that have a number (FORMAT.md §6); X stands for each of the first four in training.
func seriesOf(kind string, training bool) string {
	switch kind {
	case kindTicket, kindRefund, kindNote, kindRedeem:
		if training {
			return "X"
		}
		return map[string]string{kindTicket: "T", kindRefund: "A", kindNote: "N", kindRedeem: "R"}[kind]
	case kindDay:
		return "Z"
	case kindMonth:
		return "M"
	case kindYear:
		return "Y"
	case kindDuplicate:
		return "D"
	case kindInvoice:
		return "I"
	}
	return ""
}

// book knows the shape of every body and of the envelope.
type book struct {
	envelope shape
	bodies   map[string]shape
}

func newBook() *book {
	b := &book{envelope: readShape(envelopeShape), bodies: map[string]shape{}}
	for kind, text := range map[string]string{
		kindGenesis: genesisShape, kindTicket: saleShape, kindRefund: saleShape, kindNote: noteShape, kindMinus: minusShape,
		kindRedeem: redeemShape, kindRelease: releaseShape, kindAdjust: adjustShape, kindCash: cashShape, kindEvent: eventShape,
		kindDay: closeShape, kindMonth: closeShape, kindYear: closeShape, kindDuplicate: duplicateShape, kindInvoice: invoiceShape,
		kindPayFix: payFixShape, kindArchive: archiveShape, kindRotate: rotateShape, kindResume: resumeShape,
	} {
		b.bodies[kind] = readShape(text)
	}
	return b
}
