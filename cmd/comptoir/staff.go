package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"comptoir/data/fault"
	"comptoir/pos"
)

type staffCmd struct {
	Add     staffAddCmd     `cmd:"" help:"Add somebody."`
	List    staffListCmd    `cmd:"" help:"Who works here."`
	Disable staffDisableCmd `cmd:"" help:"End what somebody may do; what they did stays."`
}

type staffAddCmd struct {
	Name string `required:"" help:"Name, as the till shows it." env:"-"`
	Role string `required:"" enum:"barista,manager,accountant" help:"barista, manager or accountant." env:"-"`
	PIN  string `required:"" name:"pin" help:"4 to 8 digits." env:"COMPTOIR_PIN"`
}

func (c *staffAddCmd) run(ctx context.Context, e *env) int {
	return e.do(ctx, order{Task: "staff.add", Args: []string{c.Name, c.Role, c.PIN}})
}

// addStaff is the task staff.add: name, role, PIN. It prints the id.
func addStaff(ctx context.Context, t *pos.Till, o order, stdout, _ io.Writer) error {
	if len(o.Args) != 3 {
		return errOrder(o)
	}
	added, err := t.AddOperator(ctx, pos.System("sys"), pos.NewOperator{Name: o.Args[0], Role: pos.Role(o.Args[1]), PIN: o.Args[2]})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, added.ID)
	return err
}

type staffListCmd struct {
	JSON bool `help:"As JSON."`
}

func (c *staffListCmd) run(ctx context.Context, e *env) int {
	form := "table"
	if c.JSON {
		form = formJSON
	}
	return e.do(ctx, order{Task: "staff.list", Args: []string{form}})
}

// listStaff is the task staff.list: table or json.
func listStaff(ctx context.Context, t *pos.Till, o order, stdout, _ io.Writer) error {
	if len(o.Args) != 1 {
		return errOrder(o)
	}
	all, err := t.Operators(ctx)
	if err != nil {
		return err
	}
	if o.Args[0] == formJSON {
		return json.NewEncoder(stdout).Encode(all)
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, op := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", op.ID, op.Code, op.Role, op.Name) // Flush returns the error
	}
	return table.Flush()
}

type staffDisableCmd struct {
	Who string `arg:"" help:"Id, code or name of somebody."`
}

func (c *staffDisableCmd) run(ctx context.Context, e *env) int {
	return e.do(ctx, order{Task: "staff.disable", Args: []string{c.Who}})
}

// disableStaff is the task staff.disable: id, code or name.
func disableStaff(ctx context.Context, t *pos.Till, o order, _, stderr io.Writer) error {
	if len(o.Args) != 1 {
		return errOrder(o)
	}
	all, err := t.Operators(ctx)
	if err != nil {
		return err
	}
	for _, op := range all {
		if op.ID != o.Args[0] && op.Code != o.Args[0] && !strings.EqualFold(op.Name, o.Args[0]) {
			continue
		}
		if err := t.DisableOperator(ctx, pos.System("sys"), op.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(stderr, "%s (%s) may not do anything any more.\n", op.Name, op.Code)
		return err
	}
	return fault.New(fault.NotFound, "operator.unknown", "Nobody of this id, code or name works here; comptoir staff list shows who does.").With("who", o.Args[0])
}
