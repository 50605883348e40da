package main

// Bodies as the checks use them: what FORMAT.md §7 describes, read from a tree that already has the shape. Amounts are
// cents, quantities thousandths, rates basis points.

type ref struct {
	doc string
	seq int64
}

type rate struct{ bp, ttc, ht, vat int64 }

type amount struct {
	k   string
	amt int64
}

type genesis struct {
	name, legalName, address, siret, vatNumber, naf, regime, zone, fiscalStart, publicKey, custody string
	demo                                                                                           bool
	cutoff, perpNet, perpAbs                                                                       int64
}

type saleLine struct {
	n, qty, pu, disc, ttc, bp, ht, vat, parent, memo, refN int64
	sku, label, cat, unit, reason, nat, mode, k, class     string
}

type payment struct {
	n, amt, given, change int64
	means, ref            string
}

type saleTotal struct{ ttc, ht, vat, lines int64 }

// sale is a TICKET or a REFUND.
type sale struct {
	mode, reason, auth, delivery string
	ref                          *ref
	notes                        []ref
	lines                        []saleLine
	rates                        []rate
	total                        saleTotal
	pay                          []payment
	others                       []amount // non_turnover
	gt                           running
}

// running is what gt of a document states.
type running struct {
	perpNet, perpAbs, yearNet int64
	rates                     []rateTotal
	pools                     []pool
}

type rateTotal struct{ bp, net, abs int64 }

type pool struct {
	class string
	n     int64
}

type note struct {
	ticket       string
	print, total int64
	lines        []saleLine
	rated        bool // it has rates
	rates        []rate
}

type minus struct {
	ticket, label, reason string
	line, qty, amount     int64
}

// move is a SUSP_REDEEM, a SUSP_RELEASE or a SUSP_ADJUST.
type move struct {
	class, origin, cause, mode, sku, label, ticket, reason, auth string
	qty, memo, after                                             int64
	ref                                                          *ref
}

type cash struct {
	what, reason, shift                   string
	amount, counted, expected, difference int64
}

type event struct {
	code, sev, what, nf525 string // what: data.what, where there is one; nf525: its digits, "" for null
}

type duplicate struct {
	of   ref
	n    int64
	form string
	why  string
}

type invoice struct {
	of    ref
	buyer string
	total saleTotal
}

type payFix struct {
	of                ref
	amt               int64
	from, to, why, by string
}

type fileSum struct {
	name, sha256 string
	size         int64
}

// archived is the body of an ARCHIVE.
type archived struct {
	files                          []fileSum
	name, period, manifest, medium string
	from, to, nf525                int64
	prev                           *ref
}

type head struct {
	seq  int64
	hash string
}

type rotation struct {
	anchor                         *head
	id, publicKey, custody, reason string
	lost                           bool
}

type resumption struct {
	anchor            *head
	of, cause, reason string // of: the journal of the anchor
	head              head
	lost              int64
	numbers           []string
}

func readRef(v value) *ref {
	if v.null() {
		return nil
	}
	return &ref{v.get("doc").str(), v.get("seq").int()}
}

func readHead(v value) *head {
	if v.null() {
		return nil
	}
	return &head{v.get("seq").int(), v.get("hash").str()}
}

func readRates(v value) (all []rate) {
	for r := range v.items() {
		all = append(all, rate{r.get("bp").int(), r.get("ttc").int(), r.get("ht").int(), r.get("vat").int()})
	}
	return all
}

func readTotal(v value) saleTotal {
	return saleTotal{v.get("ttc").int(), v.get("ht").int(), v.get("vat").int(), v.get("lines").int()}
}

func readRunning(v value) running {
	r := running{perpNet: v.get("perp_net").int(), perpAbs: v.get("perp_abs").int(), yearNet: v.get("year_net").int()}
	for t := range v.get("rates").items() {
		r.rates = append(r.rates, rateTotal{t.get("bp").int(), t.get("net").int(), t.get("abs").int()})
	}
	for p := range v.get("pools").items() {
		r.pools = append(r.pools, pool{p.get("class").str(), p.get("n").int()})
	}
	return r
}

func readAmounts(v value) (all []amount) {
	for a := range v.items() {
		all = append(all, amount{a.get("k").str(), a.get("amt").int()})
	}
	return all
}

func readGenesis(v value) *genesis {
	return &genesis{
		name: v.get("name").str(), legalName: v.get("legal_name").str(), address: v.get("address").str(), siret: v.get("siret").str(),
		vatNumber: v.get("vat_number").str(), naf: v.get("naf").str(), regime: v.get("vat_regime").str(), zone: v.get("zone").str(),
		fiscalStart: v.get("fiscal_start").str(), publicKey: v.get("public_key").str(), custody: v.get("custody").str(),
		demo: v.get("demo").bool(), cutoff: v.get("cutoff").int(),
		perpNet: v.get("opening").get("perp_net").int(), perpAbs: v.get("opening").get("perp_abs").int(),
	}
}

func readLines(v value) []saleLine {
	all := make([]saleLine, 0, v.len())
	for l := range v.items() {
		var line saleLine
		for key, m := range l.members() { // one pass: a sale is mostly lines
			if field := line.number(key); field != nil {
				*field = m.int()
			} else if field := line.word(key); field != nil {
				*field = m.str()
			}
		}
		all = append(all, line)
	}
	return all
}

func (l *saleLine) number(key string) *int64 {
	switch key {
	case "n":
		return &l.n
	case "qty":
		return &l.qty
	case "pu":
		return &l.pu
	case "disc":
		return &l.disc
	case "ttc":
		return &l.ttc
	case "bp":
		return &l.bp
	case "ht":
		return &l.ht
	case "vat":
		return &l.vat
	case "parent":
		return &l.parent
	case "memo":
		return &l.memo
	case "ref_n":
		return &l.refN
	}
	return nil
}

func (l *saleLine) word(key string) *string {
	switch key {
	case "sku":
		return &l.sku
	case "label":
		return &l.label
	case "cat":
		return &l.cat
	case "unit":
		return &l.unit
	case "reason":
		return &l.reason
	case "nat":
		return &l.nat
	case "mode":
		return &l.mode
	case "k":
		return &l.k
	case "class":
		return &l.class
	}
	return nil
}

func readSale(v value) *sale {
	s := &sale{
		mode: v.get("mode").str(), reason: v.get("reason").str(), auth: v.get("auth").str(), delivery: v.get("delivery").str(),
		ref: readRef(v.get("ref")), lines: readLines(v.get("lines")), rates: readRates(v.get("rates")), total: readTotal(v.get("total")),
		others: readAmounts(v.get("non_turnover")), gt: readRunning(v.get("gt")),
	}
	for n := range v.get("notes").items() {
		s.notes = append(s.notes, *readRef(n))
	}
	for p := range v.get("pay").items() {
		s.pay = append(s.pay, payment{
			n: p.get("n").int(), amt: p.get("amt").int(), given: p.get("given").int(), change: p.get("change").int(),
			means: p.get("m").str(), ref: p.get("ref").str(),
		})
	}
	return s
}

func readMove(v value) *move {
	return &move{
		class: v.get("class").str(), origin: v.get("origin").str(), cause: v.get("cause").str(), mode: v.get("mode").str(),
		sku: v.get("sku").str(), label: v.get("label").str(), ticket: v.get("ticket").str(), reason: v.get("reason").str(), auth: v.get("auth").str(),
		qty: v.get("qty").int(), memo: v.get("memo").int(), after: v.get("pool_after").int(), ref: readRef(v.get("ref")),
	}
}

func readArchived(v value) *archived {
	a := &archived{
		name: v.get("name").str(), period: v.get("period").str(), manifest: v.get("manifest").str(), medium: v.get("medium").str(),
		from: v.get("from_seq").int(), to: v.get("to_seq").int(), nf525: v.get("nf525").int(), prev: readRef(v.get("prev")),
	}
	for f := range v.get("files").items() {
		a.files = append(a.files, fileSum{f.get("name").str(), f.get("sha256").str(), f.get("size").int()})
	}
	return a
}

func readResumption(v value) *resumption {
	r := &resumption{
		anchor: readHead(v.get("anchor")), of: v.get("anchor_journal").str(), cause: v.get("cause").str(), reason: v.get("reason").str(),
		head: *readHead(v.get("head")), lost: v.get("lost").int(),
	}
	for n := range v.get("numbers").items() {
		r.numbers = append(r.numbers, n.str())
	}
	return r
}

// readBody reads the body of a kind; its shape has been seen to.
func readBody(kind string, v value) any {
	switch kind {
	case kindGenesis:
		return readGenesis(v)
	case kindTicket, kindRefund:
		return readSale(v)
	case kindNote:
		return &note{ticket: v.get("ticket").str(), print: v.get("print").int(), total: v.get("total").int(), lines: readLines(v.get("lines")),
			rated: !v.get("rates").absent(), rates: readRates(v.get("rates"))}
	case kindMinus:
		return &minus{ticket: v.get("ticket").str(), label: v.get("label").str(), reason: v.get("reason").str(),
			line: v.get("line").int(), qty: v.get("qty").int(), amount: v.get("amount").int()}
	case kindRedeem, kindRelease, kindAdjust:
		return readMove(v)
	case kindCash:
		return &cash{what: v.get("type").str(), reason: v.get("reason").str(), shift: v.get("shift").str(), amount: v.get("amount").int(),
			counted: v.get("counted").int(), expected: v.get("expected").int(), difference: v.get("difference").int()}
	case kindEvent:
		b := &event{code: v.get("code").str(), sev: v.get("sev").str(), what: v.get("data").get("what").str()}
		if n := v.get("nf525"); !n.null() {
			b.nf525 = n.bytes()
		}
		return b
	case kindDay, kindMonth, kindYear:
		return readClosing(v)
	case kindDuplicate:
		return &duplicate{of: *readRef(v.get("of")), n: v.get("n").int(), form: v.get("form").str(), why: v.get("reason").str()}
	case kindInvoice:
		return &invoice{of: *readRef(v.get("of")), buyer: v.get("buyer").str(), total: readTotal(v.get("total"))}
	case kindPayFix:
		return &payFix{of: *readRef(v.get("of")), amt: v.get("amt").int(), from: v.get("from").str(), to: v.get("to").str(),
			why: v.get("reason").str(), by: v.get("auth").str()}
	case kindArchive:
		return readArchived(v)
	case kindRotate:
		return &rotation{anchor: readHead(v.get("anchor")), id: v.get("id").str(), publicKey: v.get("public_key").str(),
			custody: v.get("custody").str(), reason: v.get("reason").str(), lost: v.get("lost").bool()}
	case kindResume:
		return readResumption(v)
	}
	return nil
}
