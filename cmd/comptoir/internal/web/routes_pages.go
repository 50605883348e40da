package web

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

const staticPath = "/static/:hash/*"

// pageRoutes is the table of the staff pages.
func (s *Server) pageRoutes() []route {
	return slices.Concat(s.counterPages(), s.scanPages(), s.solidarityPages(), s.managerPages())
}

// counterPages are those that a café sells with.
func (s *Server) counterPages() []route {
	get, post := http.MethodGet, http.MethodPost
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{get, staticPath, nil, s.static}, {get, manifestPath, nil, s.manifestFile},
		{get, loginPath, nil, s.loginPage}, {post, loginPath, nil, s.login}, {post, "/logout", nil, s.logout},
		{get, setupPath, nil, s.setupPage}, {post, setupPath, nil, s.foundCafe},
		{post, "/lock", nil, s.lock}, {post, "/awake", anyone(), s.awake},
		{get, devicePath, anyone(), s.devicePage}, {post, devicePath, anyone(), s.saveDevice}, {post, devicePath + "/screen", counter(), s.reserve},
		{get, displayPath, counter(), s.displayPage}, {get, displayPath + "/part", counter(), s.displayPart},

		{get, "/", counter(), s.tillPage}, {get, "/till/cart", counter(), s.cartPart}, {get, "/till/grid", counter(), s.gridPart},
		{get, "/till/chips", counter(), s.chipsPart}, {get, "/till/sheet/:sheet", counter(), s.sheetPart},
		{post, photoPath, counter(), s.readPhoto}, {post, "/scan", counter(), s.scanned},
		{get, "/notes/:number", counter(), s.notePage}, {post, "/till/commands", counter(), s.tillCommands},
		{post, "/till/recovered", counter(), s.dismissRecovery}, {post, resendPath, counter(), s.resend}, {get, resentPath, manager, s.resentPage},
		{get, "/till/alarm", counter(), s.alarmPart}, {post, "/till/alarm", counter(), s.answerAlarm},
		{get, kitchenPath, counter(), s.kitchenPage}, {get, kitchenPath + "/orders", counter(), s.kitchenPart}, {get, kitchenPath + "/done", counter(), s.donePart},
		{post, kitchenPath + "/watch", counter(), s.watch}, {post, kitchenPath + "/ack", counter(), s.ackKitchen}, {post, kitchenPath + "/commands", counter(), s.kitchenCommands},
		{get, "/pay/:ticket", counter(), s.payPage}, {post, "/pay/:ticket", counter(), s.pay},
		{post, "/pay/:ticket/split", counter(), s.splitTicket}, {post, "/pay/:ticket/join", counter(), s.joinTicket}, {post, "/pay/:ticket/remove/:payment", counter(), s.removePart},
		{post, "/pay/:ticket/note", counter(), s.payNote}, {post, "/pay/:ticket/round-up", counter(), s.payRoundUp}, {post, "/pay/:ticket/card", counter(), s.payCard},
		{get, "/paid/:sale", counter(), s.paidPage},
		{get, chargesPath, counter(), s.chargesPage}, {get, chargesPath + "/:id", counter(), s.chargePage}, {get, chargesPath + "/:id/part", counter(), s.chargePart},
		{post, chargesPath + "/:id/answer", counter(), s.answerCharge}, {post, chargesPath + "/:id/again", counter(), s.askAgain},

		{get, "/sales", anyone(), s.salesPage}, {get, "/sales/export.csv", books(), s.exportSales}, {get, "/sales/:id", anyone(), s.salePage},
		{get, documentsPath + "/:number", anyone(), s.documentPage}, {post, documentsPath + "/:number/print", counter(), s.printDocument},
		{get, "/sales/:id/invoice", counter(), s.invoicePage}, {post, "/sales/:id/invoice", counter(), s.makeInvoice},
		{get, "/sales/:id/fix", counter(), s.fixPage}, {post, "/sales/:id/fix", counter(), s.fixPayment},
		{post, "/sales/:id/refund", counter(), s.refund}, {post, "/sales/:id/move", counter(), s.moveStamps}, {post, "/sales/:id/stamp", counter(), s.stampSale},
		{get, "/shift", counter(), s.shiftPage}, {post, "/shift/open", counter(), s.openShift},
		{post, "/shift/cash", counter(), s.moveCash}, {post, "/shift/close", counter(), s.closeShift},
		{post, "/shift/check", counter(), s.checkCount}, {post, "/shift/recount", counter(), s.recount}, {post, "/shift/count", counter(), s.countDrawer},
		{post, "/shift/undo", counter(), s.undoServing}, {post, "/shift/tokens", counter(), s.countTokens}, {get, readingPath, anyone(), s.readingPage}, {post, readingPath, counter(), s.printReading},
		{get, closePath, counter(), s.closeOpenPage}, {get, closePath + "/count", counter(), s.closeCountPage}, {post, closePath + "/count", counter(), s.keepCount},
		{get, closePath + "/check", counter(), s.closeCheckPage}, {post, closePath + "/check", counter(), s.explainCount},
		{get, closePath + "/end", counter(), s.closeEndPage}, {post, closePath + "/end", counter(), s.closeDay},
		{get, "/closings/:number", anyone(), s.closingPage}, {post, "/closings/:number/print", counter(), s.giveClosing},
		{get, printingPath, counter(), s.printingPage}, {get, printingPath + "/list", counter(), s.printingPart}, {get, "/till/printing", counter(), s.printAlarmPart},
		{get, printingPath + "/jobs/:id", counter(), s.jobPart}, {post, printingPath + "/jobs/:id", counter(), s.answerJob},
		{get, closingsPath, books(), s.closingsPage}, {post, closingsPath, manager, s.closeEarly},

		{get, trainingPath, counter(), s.trainingPage}, {post, trainingPath, counter(), s.changeTraining},
	}
}

// solidarityPages are those of what is given and served.
func (s *Server) solidarityPages() []route {
	get, post := http.MethodGet, http.MethodPost
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{get, cardsPath, counter(), s.cardsPage}, {post, cardsPath + "/find", counter(), s.findCard}, {post, cardsPath + "/new", counter(), s.deskCard}, {post, cardsPath + "/print", counter(), s.printCard},
		{post, cardsPath + "/sheet", manager, s.printCards}, {get, cardsPath + "/:number", counter(), s.oneCardPage},
		{post, cardsPath + "/:number/lost", counter(), s.loseCard}, {post, cardsPath + "/:number/replace", counter(), s.replaceCard},
		{post, cardsPath + "/:number/contact", counter(), s.setCardContact}, {post, cardsPath + "/:number/import", manager, s.importCard},
		{post, cardsPath + "/:number/goodwill", manager, s.giveGoodwill}, {post, cardsPath + "/:number/close", manager, s.eraseCard},
		{get, solidarityPath, books(), s.solidarityPage}, {get, manageStatementPath, books(), s.manageStatementsPage},
		{get, shelfPath, books(), s.shelfPage}, {post, shelfPath + "/convert", manager, s.convertItems}, {post, shelfPath + "/class", manager, s.withdrawClass},
		{post, shelfPath + "/closures", manager, s.closeHolidays}, {post, shelfPath + "/closures/:from/remove", manager, s.reopenHolidays},
		{get, servicesPath, books(), s.servicesPage}, {post, servicesPath, manager, s.saveService}, {get, newServicePath, manager, s.newServicePage},
		{get, servicesPath + "/:id", manager, s.servicePage}, {post, servicesPath + "/:id", manager, s.saveService}, {post, servicesPath + "/:id/link", manager, s.renewLink},
		{get, servicesPath + "/:id/month", manager, s.rotaSheet},
		{get, servicesPath + "/:id/:day", manager, s.eveningPage}, {post, servicesPath + "/:id/:day", manager, s.saveEvening},
		{post, servicesPath + "/:id/:day/names", manager, s.addVolunteer}, {post, servicesPath + "/:id/:day/names/:n/remove", manager, s.removeVolunteer},
		{get, flagsPath, books(), s.flagsPage}, {post, flagsPath, manager, s.seeFlag}, {get, aidPath, anyone(), s.aidPage}, {get, flyerPath, anyone(), s.flyerPage},
		{get, partnersPath, books(), s.partnersPage}, {post, partnersPath, manager, s.addPartner}, {get, partnersPath + "/:id", books(), s.partnerPage},
		{post, partnersPath + "/:id", manager, s.savePartner}, {post, partnersPath + "/:id/pin", manager, s.setPartnerPIN}, {post, partnersPath + "/:id/link", manager, s.renewPartnerLink},
		{post, partnersPath + "/:id/end", manager, s.endPartner}, {post, partnersPath + "/:id/settle", manager, s.settleShelf}, {post, partnersPath + "/:id/tokens", manager, s.moveTokens},
		{get, partnersPath + "/:id/statement", books(), s.partnerStatement},
		{get, collectPath, counter(), s.collectPage}, {post, collectPath, counter(), s.allot}, {get, collectPath + "/:id", counter(), s.handoverPage},
		{post, collectPath + "/:id", counter(), s.collect}, {post, collectPath + "/:id/change", counter(), s.changeAllotment},
		{get, slipsPath + "/:n", anyone(), s.slipPage}, {post, slipsPath + "/:n/waste", counter(), s.noteWaste}, {post, slipsPath + "/:n/print", counter(), s.printSlip},
	}
}

// managerPages are the manager's and the accountant's.
func (s *Server) managerPages() []route {
	get, post := http.MethodGet, http.MethodPost
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{get, fundsPath, books(), s.fundsPage}, {post, fundsPath + "/mint", manager, s.mintFund}, {post, fundsPath + "/remit", manager, s.remitFund},
		{get, fundsPath + "/ledger.csv", books(), s.fundsFile}, {get, fundsPath + "/remittances/:n", books(), s.remittancePage},
		{post, fundsPath + "/sponsors", manager, s.proposeLot}, {get, fundsPath + "/sponsors/:id", books(), s.lotPage},
		{post, fundsPath + "/sponsors/:id/pay", manager, s.payLot}, {post, fundsPath + "/sponsors/:id/cancel", manager, s.cancelLot},
		{get, alertsPath, books(), s.alertsPage}, {post, alertsPath, manager, s.seeAlerts},
		{get, managePath, books(), s.todayPage}, {get, helpPath, anyone(), s.helpPage},
		{get, aboutPath, anyone(), s.aboutPage}, {get, manualsPath, anyone(), s.manualsPage}, {get, manualsPath + "/:name", anyone(), s.manualPage},
		{get, exportsPath, books(), s.exportsPage}, {post, exportsPath, books(), s.makeExport}, {get, exportsPath + "/:n", books(), s.exportedFile},
		{get, archivesPath, books(), s.archivesPage}, {post, archivesPath, books(), s.makeArchive}, {post, archivesPath + "/inspection", books(), s.inspection},
		{get, archivesPath + "/:name", books(), s.archiveFile}, {post, archivesPath + "/:name/copied", books(), s.confirmCopy},
		{get, accountsPath, books(), s.accountsPage}, {post, accountsPath, books(), s.saveAccounts},
		{get, menuPath, manager, s.menuPage}, {post, menuPath, manager, s.saveProduct}, {get, newProductPath, manager, s.newProductPage},
		{post, importPath, manager, s.importMenu},
		{get, menuPath + "/export.csv", manager, s.exportCSV}, {get, menuPath + "/export.json", manager, s.exportJSON},
		{get, menuPath + "/:product", manager, s.productPage}, {post, menuPath + "/:product", manager, s.saveProduct},
		{post, menuPath + "/:product/availability", manager, s.setAvailable}, {post, menuPath + "/:product/move", manager, s.moveProduct},
		{post, menuPath + "/:product/archive", manager, s.archiveProduct},
		{get, newCategoryPath, manager, s.newCategoryPage}, {post, categoryPath, manager, s.saveCategory},
		{get, categoryPath + "/:id", manager, s.categoryPage}, {post, categoryPath + "/:id", manager, s.saveCategory},
		{post, categoryPath + "/:id/move", manager, s.moveCategory},
		{get, staffPath, manager, s.staffPage}, {post, staffPath, manager, s.addOperator}, {get, staffPath + "/:id", manager, s.memberPage},
		{post, staffPath + "/:id/name", manager, s.renameOperator}, {post, staffPath + "/:id/role", manager, s.setRole}, {post, staffPath + "/:id/pin", manager, s.setPIN},
		{get, vatPath, manager, s.vatPage}, {post, vatPath, manager, s.changeVAT},
		{post, staffPath + "/:id/disable", manager, s.disableOperator}, {post, staffPath + "/:id/enable", manager, s.enableOperator},
		{get, terminalsPath, manager, s.terminalsPage}, {post, terminalsPath, manager, s.addTerminal}, {get, terminalsPath + "/:name", manager, s.terminalPage},
		{post, terminalsPath + "/:name", manager, s.saveTerminal}, {post, terminalsPath + "/:name/remove", manager, s.removeTerminal}, {post, terminalsPath + "/:name/test", manager, s.tryTerminal},
		{get, settingsPath, manager, s.settingsPage}, {post, settingsPath, manager, s.saveSettings},
		{get, printersPath, manager, s.printersPage}, {post, printersPath, manager, s.addPrinter}, {get, printersPath + "/:name", manager, s.printerPage},
		{post, printersPath + "/:name", manager, s.savePrinter}, {post, printersPath + "/:name/remove", manager, s.removePrinter},
		{post, printersPath + "/:name/test", manager, s.testPrinter}, {post, printersPath + "/:name/letter", manager, s.chooseLetter},
		{get, printersPath + "/:name/paper", manager, s.trayPage}, {post, printersPath + "/:name/paper", manager, s.setTray},
		{get, printersPath + "/:name/paper/list", manager, s.trayPart}, {get, printersPath + "/:name/paper/:n.png", manager, s.trayPicture},
		{get, networkPath, manager, s.networkPage}, {get, healthPagePath, manager, s.machinePage}, {get, speedPath, manager, s.speedPage},
		{get, backupPath, manager, s.backupPage}, {post, backupPath, manager, s.saveCopies}, {post, backupPath + "/test", manager, s.tryPlace},
		{post, backupPath + "/now", manager, s.backUpNow}, {post, backupPath + "/code", manager, s.drawRecoveryCode},
		{get, optionsPath, manager, s.optionsPage}, {post, optionsPath, manager, s.saveOptions},
	}
}

// publicPageRoutes is the table of the pages for customers and for the window.
func (s *Server) publicPageRoutes() []route {
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{get, staticPath, nil, s.static}, {get, manifestPath, nil, s.manifestFile},
		{get, "/", nil, func(c *fiber.Ctx) error { return c.Redirect("/board", http.StatusSeeOther) }},
		{get, "/board", nil, s.boardPage},
		{get, tabletPath, nil, s.tabletPage}, {get, certificatePath, nil, s.certificate},
		{get, "/C", nil, s.newCardPage}, {post, "/C", nil, s.newCard},
		{get, "/C/:code", nil, s.cardPage}, {get, "/C/:code/card.png", nil, s.cardPicture},
		{post, "/C/:code/contact", nil, s.holderContact}, {get, "/C/:code/data.json", nil, s.holderData}, {post, "/C/:code/close", nil, s.holderClose},
		{get, "/R", nil, s.receiptFinder}, {get, "/R/:code", nil, s.receiptPage}, {get, "/R/:code/:number/:total/:hash", nil, s.receiptFromPaper}, {post, "/R/:code/claim", nil, s.claim},
		{get, "/G/:code", nil, s.giftPage},
		{get, "/P/:code", nil, s.partnerHome}, {post, "/P/:code", nil, s.partnerSignIn}, {get, "/P/:code/statement", nil, s.partnerMonth},
		{post, "/P/:code/allotments", nil, s.partnerAsks}, {post, "/P/:code/allotments/:id", nil, s.partnerChanges},
		{get, statementPath, nil, s.statementsPage}, {get, statementPath + "/:month", nil, s.statementPage},
		{get, ownPath, nil, s.placePage}, {post, ownPath, nil, s.leavePlace}, {get, rotaPath, nil, s.rotaPage}, {post, rotaPath, nil, s.signUp},
	}
}
