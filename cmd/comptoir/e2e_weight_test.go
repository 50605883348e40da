package main_test

// What a reload of the till waits for, over the wire, as the browser has counted it.

// tillWeight bounds the till packed and without fonts, in bytes.
const tillWeight = 60 << 10

// weighTheTill loads the till with an order of ten lines and adds up page, styles, scripts and pictures.
func weighTheTill(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.open(c.staff + "/?ticket=" + c.tenLines())
	p.until("the till is ready", `document.querySelector("#till.ready") && document.readyState === "complete"`)
	parts := ask[map[string]int](p, `Object.fromEntries([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
		.filter((e) => !e.name.endsWith(".woff2")).map((e) => [new URL(e.name).pathname.split("/").at(-1) || "page", e.encodedBodySize]))`)
	sum := 0
	for name, bytes := range parts {
		if bytes == 0 {
			s.Logf("%s was not counted", name)
		}
		sum += bytes
	}
	if parts["page"] == 0 || parts["till.js"] == 0 || parts["till.css"] == 0 {
		s.Fatalf("the browser has not counted what it loaded: %v", parts)
	}
	s.Logf("the till weighs %d bytes: %v", sum, parts)
	if sum > tillWeight {
		s.Errorf("the till weighs %d bytes packed, want at most %d: %v", sum, tillWeight, parts)
	}
}
