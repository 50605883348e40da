package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/pos"
)

// watch serves POST /kitchen/watch: this device shows these stations from now on, none said meaning all.
func (s *Server) watch(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showKitchen(c, status, true, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	all, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	var stations []string
	for _, key := range c.Request().PostArgs().PeekMulti("station") {
		stations = append(stations, string(key))
	}
	chosen := stations
	if len(stations) == 0 {
		chosen = []string{everyStation}
		for _, station := range all {
			stations = append(stations, station.Key)
		}
	}
	if err := s.till.WatchStations(c.UserContext(), by, stations); err != nil {
		return err
	}
	prefer(c, kitchenCookie, url.Values{"s": chosen}.Encode())
	return c.Redirect(kitchenPath, http.StatusSeeOther)
}

// ackRequest is what a screen has really shown.
type ackRequest struct {
	Station string            `json:"station"` // the tab it was looked at under
	Orders  []pos.KitchenSeen `json:"orders"`
}

// ackKitchen serves POST /kitchen/ack.
func (s *Server) ackKitchen(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	var r ackRequest
	if err := decode(c, &r); err != nil {
		return err
	}
	all, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	if here := stationsHere(c, all); len(here) > 0 {
		if err := s.till.AckKitchen(c.UserContext(), by, shownStations(here, r.Station), r.Orders); err != nil {
			return err
		}
	}
	return c.SendStatus(http.StatusNoContent)
}

// kitchenCommand is one tap of a cook, on what the screen showed.
type kitchenCommand struct {
	Kind   string      `json:"kind"`   // line, ready or recall
	Ticket string      `json:"ticket"` // the queue of the till sends it; the kitchen has none
	Args   kitchenArgs `json:"args"`
}

// kitchenArgs are the arguments of every kind; each kind reads its own.
type kitchenArgs struct {
	Order   string `json:"order"`
	Line    int    `json:"line"`
	Rev     int    `json:"rev"`
	Done    bool   `json:"done"`
	Station string `json:"station"` // the tab
}

// kitchenCommands serves POST /kitchen/commands: the one door of a cook's taps. The answer is the screen as it is now.
func (s *Server) kitchenCommands(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	var cmd kitchenCommand
	if err := decode(c, &cmd); err != nil {
		return err
	}
	all, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	here := stationsHere(c, all)
	if len(here) == 0 { // the till has said that there is no screen: there is nothing to tap
		return s.answerKitchen(c, "", nil)
	}
	ctx, l, a := c.UserContext(), s.language(c), cmd.Args
	stations := shownStations(here, a.Station)
	var toast *kitchenToast
	var done pos.KitchenChange
	switch cmd.Kind {
	case "line":
		done, err = s.till.DoneKitchenLine(ctx, by, stations, a.Order, a.Line, a.Rev, a.Done)
	case "ready":
		done, err = s.till.DoneKitchenOrder(ctx, by, stations, a.Order, a.Rev)
	case "recall":
		if done, err = s.till.RecallKitchen(ctx, by, stations, a.Order); err == nil {
			toast = &kitchenToast{Language: l, Text: l.T("kitchen.is_recalled", "order", called(l, done))}
		}
	default:
		return errKind.With("kind", cmd.Kind)
	}
	if err != nil {
		return err
	}
	if done.Left && toast == nil {
		toast = &kitchenToast{Language: l, Text: l.T("kitchen.is_ready", "order", called(l, done)), Order: done.Order}
	}
	return s.answerKitchen(c, a.Station, toast)
}

func called(l *locale.Language, k pos.KitchenChange) string {
	if k.Name != "" {
		return l.Number(k.No) + " " + k.Name
	}
	return l.Number(k.No)
}

// alarmView is what the till is told of the kitchen: orders that no screen has shown for too long.
type alarmView struct {
	*locale.Language
	Late   []lateView
	Others int   // late too, and not named
	Wait   int64 // milliseconds until it is worth asking again; 0: until something happens
	Seen   []pos.KitchenSeen
	Gone   []string // stations that nobody seems to show

	Charges []chargeRow // payments by terminals that a person has to answer
}

// lateView is one late order.
type lateView struct{ Called, Stations string }

// alarmNamed is how many late orders are named: the others are counted.
const alarmNamed = 3

// alarmPart serves GET /till/alarm.
func (s *Server) alarmPart(c *fiber.Ctx) error {
	v, err := s.newAlarm(c)
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "alarm", v)
}

func (s *Server) newAlarm(c *fiber.Ctx) (alarmView, error) {
	l := s.language(c)
	v := alarmView{Language: l, Seen: []pos.KitchenSeen{}, Gone: []string{}}
	if err := s.alarmCharges(c, &v); err != nil {
		return v, err
	}
	kitchen, err := s.till.LateKitchen(c.UserContext())
	if err != nil || len(kitchen.Late) == 0 && kitchen.Next == 0 {
		return v, err
	}
	stations, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return v, err
	}
	v.Wait = kitchen.Next.Milliseconds()
	for _, o := range kitchen.Late {
		v.Seen = append(v.Seen, pos.KitchenSeen{Order: o.ID, Rev: o.Rev})
		late := lateView{Called: called(l, pos.KitchenChange{No: o.No, Name: o.Name})}
		for _, station := range stations {
			if _, some := o.For([]string{station.Key}); !some {
				continue
			}
			if late.Stations != "" {
				late.Stations += ", "
			}
			late.Stations += stationName(l, station)
			if !slices.Contains(v.Gone, station.Key) {
				v.Gone = append(v.Gone, station.Key)
			}
		}
		if len(v.Late) < alarmNamed {
			v.Late = append(v.Late, late)
		} else {
			v.Others++
		}
	}
	return v, nil
}

// alarmAnswer is what the till answers to an alarm.
type alarmAnswer struct {
	Seen []pos.KitchenSeen `json:"seen"` // somebody told the kitchen
	Gone []string          `json:"gone"` // no screen shows these stations any more
}

// answerAlarm serves POST /till/alarm.
func (s *Server) answerAlarm(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	var a alarmAnswer
	if err := decode(c, &a); err != nil {
		return err
	}
	if len(a.Gone) > 0 {
		err = s.till.UnwatchStations(c.UserContext(), by, a.Gone)
	} else {
		err = s.till.AckKitchen(c.UserContext(), by, nil, a.Seen)
	}
	if err != nil {
		return err
	}
	return s.alarmPart(c)
}
