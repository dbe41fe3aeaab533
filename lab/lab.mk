# lab.mk: the programs of the lab. `make lab` builds them into build/lab/; `brim lab` builds them by itself, with cc.
LAB_C    := $(sort $(wildcard lab/[1-9]-*.c))
LAB_H    := $(wildcard lab/*.h)
LAB_BIN  := $(LAB_C:lab/%.c=$(B)/lab/%)
LAB_DOCS := $(wildcard docs/learn/*.md docs/learn/*.svg)

.PHONY: lab install-lab uninstall-lab
lab: $(LAB_BIN)
# Plain C17, without the flags of the library: as a reader would build them.
$(B)/lab/%: lab/%.c $(LAB_H)
	@mkdir -p $(@D)
	$(CC) -std=c17 -O2 -g $(WARN) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -pthread

install-lab:
	$(INSTALL) -d "$(DESTDIR)$(PREFIX)/share/brim/lab" "$(DESTDIR)$(PREFIX)/share/doc/brim/learn"
	$(INSTALL) -m 644 $(LAB_C) $(LAB_H) "$(DESTDIR)$(PREFIX)/share/brim/lab"
	$(INSTALL) -m 755 $(wildcard lab/*.sh) "$(DESTDIR)$(PREFIX)/share/brim/lab"
	$(INSTALL) -m 644 $(LAB_DOCS) "$(DESTDIR)$(PREFIX)/share/doc/brim/learn"
	$(INSTALL) -m 644 $(wildcard docs/*.md docs/*.csv) "$(DESTDIR)$(PREFIX)/share/doc/brim"
# From the installed text to the installed programs and headers.
	sed -i -e 's|](../../lab|](../../../brim/lab|g' -e 's|](../../include|]($(call way,$(PREFIX)/share/doc/brim/learn,$(INCLUDEDIR))|g' \
	  "$(DESTDIR)$(PREFIX)/share/doc/brim/learn"/*.md
uninstall-lab:
	rm -rf "$(DESTDIR)$(PREFIX)/share/brim" "$(DESTDIR)$(PREFIX)/share/doc/brim"
install: install-lab
uninstall: uninstall-lab
