package main

import (
	"context"
	"fmt"
	"io"

	"comptoir/pos"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it, alone. It is shown this once."`
}

type tokenCreateCmd struct {
	Role string `required:"" enum:"barista,manager,accountant" help:"barista, manager or accountant." env:"-"`
	Name string `required:"" help:"Operator the token acts as; added when there is nobody of that name." env:"-"`
}

func (c *tokenCreateCmd) run(ctx context.Context, e *env) int {
	return e.do(ctx, tokenOrder(c.Role, c.Name))
}

func tokenOrder(role, name string) order {
	return order{Task: "token.create", Args: []string{role, name}}
}

// createToken is the task token.create: role, name. It prints the token and nothing else.
func createToken(ctx context.Context, t *pos.Till, o order, stdout, _ io.Writer) error {
	if len(o.Args) != 2 {
		return errOrder(o)
	}
	token, err := t.CreateToken(ctx, pos.System("sys"), pos.Role(o.Args[0]), o.Args[1])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, token)
	return err
}
