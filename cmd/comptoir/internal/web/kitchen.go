package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/pos"
)

const (
	kitchenPath   = "/kitchen"
	kitchenCookie = "comptoir_kitchen" // which stations this device shows
	everyStation  = "*"                // in the cookie: whatever is watched
)

// kitchenView is the kitchen's screen, whole. Choosing: the device has not said yet which stations it shows.
type kitchenView struct {
	base
	Choosing bool
	Stations []stationView
	Board    kitchenBoard
}

// stationView is one station that a screen may show.
type stationView struct {
	Key, Name string
	Here      bool // this screen shows it
}

// kitchenBoard is what changes on the screen by itself.
type kitchenBoard struct {
	*locale.Language
	Tabs   []kitchenTab
	Known  string // every order of this screen's stations and its revision: what the next one is new against
	Here   string // the station that is shown alone; empty: all of this screen
	Todo   []todoView
	Orders []kitchenCard
	Status string
	Toast  *kitchenToast
}

// kitchenTab filters the screen.
type kitchenTab struct {
	Station, Name, Link string
	Count               int
	Here                bool
}

// todoView says how many of a product are left to make, over all orders.
type todoView struct {
	Name string
	Qty  int
}

// kitchenCard is one order on the screen.
type kitchenCard struct {
	*locale.Language
	pos.KitchenOrder
	Called  string // "Commande 41" and its name
	Minutes int
	Pace    string // "", "soon" or "late": in words too, never by colour alone
	Fresh   bool   // something of it was not shown yet
	Rows    []kitchenRow
}

// kitchenRow is one line of a card.
type kitchenRow struct {
	*locale.Language
	pos.KitchenLine
	Made  bool
	Extra []string // choices, then the note
}

// Off says that the line was taken off.
func (r kitchenRow) Off() bool { return r.Qty == 0 }

// Wanted is what a tap on the line asks for.
func (r kitchenRow) Wanted() bool { return r.Done.IsZero() }

// kitchenToast says what a tap came to, and what takes it back.
type kitchenToast struct {
	*locale.Language
	Text  string
	Order string // that can be called back; empty: none
}

// kitchenPage serves GET /kitchen. A device is asked once which stations it shows.
func (s *Server) kitchenPage(c *fiber.Ctx) error { return s.showKitchen(c, http.StatusOK, false, nil) }

func (s *Server) showKitchen(c *fiber.Ctx, status int, choosing bool, trouble *troubleView) error {
	all, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	here := stationsHere(c, all)
	v := kitchenView{base: s.newBase(c, "kitchen.title", "kitchen"), Choosing: choosing || len(here) == 0}
	v.Trouble = trouble
	for _, station := range all {
		v.Stations = append(v.Stations, stationView{station.Key, stationName(v.Language, station), slices.Contains(here, station.Key)})
	}
	v.Board.Language = v.Language
	if !v.Choosing {
		if v.Board, err = s.kitchenBoard(c, all, c.Query("station")); err != nil {
			return err
		}
	}
	return s.page(c, status, "kitchen", v)
}

// stationName is the word for a station that every café has, else what the menu calls it.
func stationName(l *locale.Language, s pos.KitchenStation) string {
	if word := "kitchen.station." + s.Key; l.Has(word) {
		return l.T(word)
	}
	return s.Name
}

// stationsHere returns the stations this device shows, of those that are watched.
func stationsHere(c *fiber.Ctx, all []pos.KitchenStation) []string {
	chosen, _ := url.ParseQuery(c.Cookies(kitchenCookie)) // what cannot be read is asked for again
	var here []string
	for _, s := range all {
		if s.Watched && (slices.Contains(chosen["s"], everyStation) || slices.Contains(chosen["s"], s.Key)) {
			here = append(here, s.Key)
		}
	}
	return here
}

// shownStations is stationsHere, or the one that the tab asks for.
func shownStations(here []string, tab string) []string {
	if slices.Contains(here, tab) {
		return []string{tab}
	}
	return here
}

// kitchenBoard reads what waits at the stations of this screen, tab being the one that is looked at, or none.
func (s *Server) kitchenBoard(c *fiber.Ctx, all []pos.KitchenStation, tab string) (kitchenBoard, error) {
	l, here := s.language(c), stationsHere(c, all)
	b := kitchenBoard{Language: l}
	if len(here) == 0 { // the till has said that there is no screen: nothing may be shown as if it were all
		return b, nil
	}
	orders, err := s.till.KitchenOrders(c.UserContext(), here)
	if err != nil {
		return b, err
	}
	settings, err := s.till.Settings(c.UserContext())
	if err != nil {
		return b, err
	}
	if slices.Contains(here, tab) {
		b.Here = tab
	}
	now := s.till.DB().Now()
	var known []string
	for _, o := range orders {
		known = append(known, fmt.Sprintf("%s.%d", o.ID, o.Rev))
		if o, some := o.For(shownStations(here, b.Here)); some {
			b.Orders = append(b.Orders, newKitchenCard(l, o, settings, now))
		}
	}
	b.Known = strings.Join(known, " ")
	b.Tabs = kitchenTabs(l, all, here, b.Here, orders)
	b.Todo = toMake(b.Orders)
	b.Status = l.N("kitchen.waiting", len(b.Orders))
	return b, nil
}

func kitchenTabs(l *locale.Language, all []pos.KitchenStation, here []string, tab string, orders []pos.KitchenOrder) []kitchenTab {
	tabs := []kitchenTab{{Name: l.T("kitchen.all"), Link: kitchenPath, Count: len(orders), Here: tab == ""}}
	for _, s := range all {
		if !slices.Contains(here, s.Key) || len(here) == 1 {
			continue
		}
		t := kitchenTab{Station: s.Key, Name: stationName(l, s), Link: kitchenPath + "?" + url.Values{"station": {s.Key}}.Encode(), Here: tab == s.Key}
		for _, o := range orders {
			if _, some := o.For([]string{s.Key}); some {
				t.Count++
			}
		}
		tabs = append(tabs, t)
	}
	return tabs
}

func newKitchenCard(l *locale.Language, o pos.KitchenOrder, settings pos.Settings, now time.Time) kitchenCard {
	k := kitchenCard{Language: l, KitchenOrder: o, Called: strings.TrimSpace(l.T("cart.order", "no", o.No) + " " + o.Name)}
	k.Minutes = max(int(now.Sub(o.Since())/time.Minute), 0)
	switch {
	case k.Minutes >= settings.KitchenLate:
		k.Pace = "late"
	case k.Minutes >= settings.KitchenSoon:
		k.Pace = "soon"
	}
	for _, line := range o.Lines {
		if line.Qty == 0 && line.Finished() {
			continue // taken off, and noted
		}
		r := kitchenRow{Language: l, KitchenLine: line, Made: !line.Done.IsZero() && line.Qty > 0, Extra: slices.Clone(line.Options)}
		if line.Note != "" {
			r.Extra = append(r.Extra, line.Note)
		}
		k.Rows = append(k.Rows, r)
		k.Fresh = k.Fresh || !line.Seen && !line.Finished()
	}
	return k
}

// toMake adds up what is left to make by product, the most first.
func toMake(orders []kitchenCard) []todoView {
	var all []todoView
	for _, o := range orders {
		for _, r := range o.Rows {
			if r.Made || r.Off() {
				continue
			}
			i := slices.IndexFunc(all, func(t todoView) bool { return t.Name == r.Name })
			if i < 0 {
				i, all = len(all), append(all, todoView{Name: r.Name})
			}
			all[i].Qty += r.Qty
		}
	}
	slices.SortStableFunc(all, func(a, b todoView) int { return b.Qty - a.Qty })
	return all
}

// kitchenPart serves GET /kitchen/orders: what waits, as it is now.
func (s *Server) kitchenPart(c *fiber.Ctx) error { return s.answerKitchen(c, c.Query("station"), nil) }

func (s *Server) answerKitchen(c *fiber.Ctx, tab string, toast *kitchenToast) error {
	all, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	b, err := s.kitchenBoard(c, all, tab)
	if err != nil {
		return err
	}
	b.Toast = toast
	return s.fragment(c, http.StatusOK, "kitchen-board", b)
}

// recalledView is the list of finished orders.
type recalledView struct {
	*locale.Language
	Orders []kitchenCard
	zone   *time.Location
}

// Clock writes the hour of an instant on the café's clock.
func (v recalledView) Clock(t time.Time) string { return v.Time(t.In(v.zone)) }

// donePart serves GET /kitchen/done: what was finished today and can be called back.
func (s *Server) donePart(c *fiber.Ctx) error {
	all, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	v := recalledView{Language: s.language(c), zone: s.till.DB().Zone()}
	here := stationsHere(c, all)
	if len(here) == 0 {
		return s.fragment(c, http.StatusOK, "recalled", v)
	}
	done, err := s.till.KitchenDone(c.UserContext(), shownStations(here, c.Query("station")))
	if err != nil {
		return err
	}
	for _, o := range done {
		v.Orders = append(v.Orders, newKitchenCard(v.Language, o, pos.Settings{}, o.Since()))
	}
	return s.fragment(c, http.StatusOK, "recalled", v)
}
