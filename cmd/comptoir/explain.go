package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
)

// advice says what to do about a refusal, where its own sentence does not.
func advice(code string) string {
	switch code {
	case "data.locked":
		return "Stop the other one, or give another --data directory."
	case "data.directory":
		return "Check that the directory exists, that you may write there and that the disk has room, or give another with --data DIR."
	case "data.foreign":
		return "Check --data: the file till.db there was not made by Comptoir, and nothing was changed."
	case "data.schema":
		return "Keep this file as evidence, do not sell on it, and restore the latest good copy: comptoir restore."
	case "journal.founded":
		return "A café is set up once. Open it with: comptoir serve"
	case "journal.rollback":
		return "An older copy was put back, or its end is lost. Put back the newest copy; or a manager goes on: comptoir resume --manager NAME --reason … (every number that may be lost is left out)."
	case "clock.ahead":
		return "Correct the date of this machine; or, when it is right, a manager says so: comptoir resume --manager NAME --reason …"
	case "journal.key_exposed":
		return "Make it readable by its owner alone: chmod 600 FILE."
	case "journal.key_broken", "journal.key_other":
		return "Put back a good copy of this file. If there is none for good: comptoir key replace --manager NAME --reason … (every verification will warn of it)."
	case "secret.unusable":
		return "Put back a good copy of this file. If there is none, put it aside: the next start makes another (contacts left on cards have to be left anew, volunteers' links renewed)."
	case "journal.broken":
		return "Keep this file as it is, put back the newest copy, and run comptoir verify."
	case "journal.key_missing":
		return "Put back the folder keys from where you keep the café's key. If it is lost for good: comptoir key replace --manager NAME --reason … (every verification will warn of it)."
	case "restore.altered":
		return "Restore another copy. If there is none for good: add --unverified (comptoir verify names what was altered, and the till says so ever after)."
	case "menu.file":
		return "Correct the file and import it again."
	}
	return ""
}

// explain tells an error to a person: what is wrong, where, and what to do. Causes stay out of it, unless there is
// nothing else to tell.
func explain(err error) []string {
	if f, ok := fault.As(err); ok {
		return explainFault(f)
	}
	return []string{"comptoir: " + firstLine(err.Error())}
}

func explainFault(f *fault.Error) []string {
	lines := []string{"comptoir: " + f.Detail + arguments(f.Args)}
	for _, field := range f.Fields {
		args := maps.Clone(field.Args)
		delete(args, "line")
		delete(args, "column")
		lines = append(lines, fmt.Sprintf("  %s: %s%s", field.Name, saidOf(field), arguments(args)))
	}
	if a := advice(f.Code); a != "" {
		lines = append(lines, a)
	}
	return lines
}

// arguments writes the numbers and names of a sentence in a settled order.
func arguments(args map[string]any) string {
	if len(args) == 0 {
		return ""
	}
	parts := make([]string, 0, len(args))
	for _, k := range slices.Sorted(maps.Keys(args)) {
		parts = append(parts, fmt.Sprintf("%s: %v", k, args[k]))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// saidOf says what is wrong with a field: in the words of the command line, else in those of the pages, else the code is
// a sentence itself.
func saidOf(field fault.Field) string {
	if words := ruleWords(field.Code); words != "" {
		return words
	}
	if catalogue, err := locale.Load(); err == nil {
		if english := catalogue.Choose("en", ""); english.Has("field." + field.Code) {
			return english.Rule(field)
		}
	}
	return strings.ReplaceAll(field.Code, "_", " ")
}

// ruleWords says a rule of a field in words; empty when the command line has none of its own for it.
func ruleWords(code string) string {
	switch code {
	case "required":
		return "is missing"
	case "number":
		return "is not a whole number"
	case "digits_14":
		return "must have 14 digits"
	case "siret_sum":
		return "has a mistyped digit (its check sum does not hold)"
	case "siret_demo":
		return "is that of a demonstration"
	case "vat_form":
		return "must be FR, 2 characters, and the 9 digits of the SIREN"
	case "quote":
		return "a quotation mark is not closed, or stands inside a cell"
	case "columns":
		return "has another number of cells than the header"
	case "unknown_column":
		return "is not a column of this file"
	case "missing_column":
		return "this column is missing"
	case "duplicate":
		return "is there twice"
	case "range":
		return "is out of range"
	case "one_of":
		return "is not one of the values allowed"
	case "utf8":
		return "is not UTF-8 text"
	case "options":
		return "does not read like: Lait*: vache | avoine +50; Taille: normal | grand +80"
	case "yes_no":
		return "is neither yes nor no"
	}
	return ""
}

// firstLine keeps what a person can use of an error that was not written for people.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
