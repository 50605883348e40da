package web

import (
	"fmt"
	"html/template"
	"text/template/parse"
)

// pageSet makes the set of one page: its layout, the page, and of the parts those that it calls. A set owns what is in it,
// because escaping rewrites a template for the place it is shown at; ninety sets of every part were 69 MB and a second of
// each start. parts are never executed.
func pageSet(parts *template.Template, funcs template.FuncMap, s screen) (*template.Template, error) {
	set, err := template.New("page").Funcs(funcs).ParseFS(templateFiles, "templates/layouts/"+s.layout+".html", "templates/pages/"+s.name+".html")
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", s.name, err)
	}
	var called []string
	for _, t := range set.Templates() {
		called = append(called, calls(t.Tree)...)
	}
	for len(called) > 0 {
		name := called[0]
		called = called[1:]
		part := parts.Lookup(name)
		if set.Lookup(name) != nil || part == nil { // one that is nowhere is told by the first who shows the page: a test shows all
			continue
		}
		if _, err := set.AddParseTree(name, part.Tree.Copy()); err != nil {
			return nil, fmt.Errorf("page %s: %w", s.name, err)
		}
		called = append(called, calls(part.Tree)...)
	}
	return set, nil
}

// calls names the templates that a template calls.
func calls(t *parse.Tree) []string {
	if t == nil || t.Root == nil {
		return nil
	}
	return callsOf(t.Root)
}

func callsOf(list *parse.ListNode) (names []string) {
	if list == nil {
		return nil
	}
	branch := func(b parse.BranchNode) { names = append(append(names, callsOf(b.List)...), callsOf(b.ElseList)...) }
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TemplateNode:
			names = append(names, n.Name)
		case *parse.IfNode:
			branch(n.BranchNode)
		case *parse.RangeNode:
			branch(n.BranchNode)
		case *parse.WithNode:
			branch(n.BranchNode)
		case *parse.ListNode:
			names = append(names, callsOf(n)...)
		}
	}
	return names
}
