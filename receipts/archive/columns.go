package archive

import "strings"

// sheet names one projection and its columns, as FORMAT.md §6 writes them: "x_c+eur" stands for x_c and x_eur.
type sheet struct {
	name    string
	columns []string
}

// The columns that many tables begin with.
const (
	headColumns  = "seq document type heure_locale heure_utc jour operateur "
	placeColumns = "seq document type jour "
)

// Names of the projections.
const (
	sheetTickets    = "tickets.csv"
	sheetLines      = "lignes.csv"
	sheetRates      = "tva.csv"
	sheetPayments   = "paiements.csv"
	sheetOutside    = "hors_ca.csv"
	sheetNotes      = "notes.csv"
	sheetNoteLines  = "notes_lignes.csv"
	sheetDuplicates = "duplicatas.csv"
	sheetInvoices   = "factures.csv"
	sheetMinus      = "corrections.csv"
	sheetCash       = "caisse.csv"
	sheetSuspended  = "suspendus.csv"
	sheetClosings   = "clotures.csv"
	sheetDetails    = "clotures_detail.csv"
	sheetPerpetual  = "totaux_perpetuels.csv"
	sheetEvents     = "evenements.csv"
	sheetTraining   = "ecole.csv"
)

// sheets returns the projections in the order in which they stand in an archive.
func sheets() []sheet {
	all := []sheet{}
	for _, s := range [][2]string{
		{sheetTickets, headColumns + "autorise_par mode document_origine motif remise notes lignes ht_c+eur tva_c+eur ttc_c+eur hors_ca_c+eur " +
			"exercice_c+eur perpetuel_net_c+eur perpetuel_abs_c+eur logiciel noyau hash"},
		{sheetLines, placeColumns + "n parent article libelle categorie quantite_milliemes unite prix_unitaire_c+eur remise_c+eur motif taux_pb " +
			"ht_c+eur tva_c+eur ttc_c+eur nature mode genre classe memoire_c+eur n_origine"},
		{sheetRates, placeColumns + "taux_pb ht_c+eur tva_c+eur ttc_c+eur"},
		{sheetPayments, placeColumns + "n moyen montant_c+eur donne_c+eur rendu_c+eur reference document_origine motif autorise_par"},
		{sheetOutside, placeColumns + "nature montant_c+eur"},
		{sheetNotes, headColumns + "commande impression lignes total_c+eur"},
		{sheetNoteLines, "seq document jour n article libelle quantite_milliemes prix_unitaire_c+eur ttc_c+eur"},
		{sheetDuplicates, headColumns + "original original_seq numero forme motif"},
		{sheetInvoices, headColumns + "ticket ticket_seq lignes ht_c+eur tva_c+eur ttc_c+eur acheteur_sha256"},
		{sheetMinus, headColumns + "commande ligne libelle quantite_milliemes montant_c+eur motif"},
		{sheetCash, headColumns + "mouvement montant_c+eur compte_c+eur attendu_c+eur ecart_c+eur motif service"},
		{sheetSuspended, headColumns + "classe quantite mouvement stock_apres origine cause mode article libelle memoire_c+eur document_origine motif autorise_par"},
		{sheetClosings, headColumns + "periode du_jour au_jour jours tardive reprise de_seq a_seq heure_limite_min precedente " +
			"ventes_n ventes_ht_c+eur ventes_tva_c+eur ventes_ttc_c+eur avoirs_n avoirs_ht_c+eur avoirs_tva_c+eur avoirs_ttc_c+eur " +
			"total_n total_ht_c+eur total_tva_c+eur total_ttc_c+eur fond_c+eur entrees_c+eur sorties_c+eur recu_c+eur comptages compte_c+eur attendu_c+eur ecart_c+eur " +
			"ecritures notes duplicatas factures moins servis ecole ouverts_n ouverts_c+eur exercice_c+eur perpetuel_net_c+eur perpetuel_abs_c+eur " +
			"evenements_seq evenements_hash nf525 logiciel noyau hash"},
		{sheetDetails, "seq document rubrique code origine mode taux_pb n ht_c+eur tva_c+eur ttc_c+eur premier dernier"},
		{sheetPerpetual, "seq document type periode au_jour taux_pb net_c+eur abs_c+eur exercice_c+eur"},
		{sheetEvents, headColumns + "code nf525 gravite logiciel noyau cle donnees"},
		{sheetTraining, headColumns + "corps"},
	} {
		all = append(all, sheet{s[0], columns(s[1])})
	}
	return all
}

// columns writes out the names of a table's columns.
func columns(text string) []string {
	var all []string
	for name := range strings.FieldsSeq(text) {
		if amount, found := strings.CutSuffix(name, "_c+eur"); found {
			all = append(all, amount+"_c", amount+"_eur")
		} else {
			all = append(all, name)
		}
	}
	return all
}
