package main

// checkHash compares (3) the hash that stands beside an entry with that of its bytes.
func checkHashOf(e *entry) {
	e.must(checkHash, e.row.hash == string(e.digest[:]), "l'empreinte enregistrée n'est pas celle des octets")
}
