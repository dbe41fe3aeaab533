# install.mk: `make install PREFIX=/usr/local DESTDIR=` and `make uninstall`, part of the Makefile. The installed
# tree may be moved as a whole: only the last places in which brim looks for its files hold the prefix. Both variables may
# hold spaces. Who may read what is installed does not depend on the umask.
INSTALL ?= install
ROOT    := $(DESTDIR)$(PREFIX)
MAN     := brim.1 libbrim.3 brim_region.3

FILL_IN := sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@SOMAJOR@|$(SOMAJOR)|g'

PACKAGE_PC    := $(B)/package/brim.pc $(B)/package/brim-prefixed.pc
PACKAGE_CMAKE := $(B)/package/BrimConfig.cmake $(B)/package/BrimConfigVersion.cmake
$(PACKAGE_PC): $(B)/package/%: package/%.in Makefile mk/install.mk
	@mkdir -p $(@D)
	$(FILL_IN) $< >$@
$(PACKAGE_CMAKE): $(B)/package/%: package/% Makefile mk/install.mk
	@mkdir -p $(@D)
	$(FILL_IN) $< >$@

.PHONY: man
man: $(MAN:%=$(B)/man/%)
# The lists of commands and of the library's options in the pages are what the command itself prints, in a clean environment;
# those of statistics and of the options of commands are made of the tables.
$(B)/man/rows.help $(B)/man/rows.options: $(B)/man/rows.%: $(B)/brim
	@mkdir -p $(@D)
	env -i $(RUNNER) $(B)/brim $* >$@
$(MAN:%=$(B)/man/%): $(B)/man/%: man/%.in man/fill.awk src/core/stats.def cli/command_options.def $(B)/man/rows.help $(B)/man/rows.options
	awk -v version=$(VERSION) -v rows=$(B)/man/rows -v stats=src/core/stats.def -v flags=cli/command_options.def -f man/fill.awk $< >$@

install: all man $(PACKAGE_PC) $(PACKAGE_CMAKE)
	$(INSTALL) -d "$(ROOT)/bin" "$(ROOT)/include/brim" "$(ROOT)/lib/pkgconfig" "$(ROOT)/lib/cmake/Brim" \
	  "$(ROOT)/share/man/man1" "$(ROOT)/share/man/man3" "$(ROOT)/share/bash-completion/completions"
	$(INSTALL) -m 755 $(B)/brim "$(ROOT)/bin/brim"
	$(INSTALL) -m 644 include/brim/*.h "$(ROOT)/include/brim"
	$(INSTALL) -m 755 $(B)/libbrim.so.$(SOMAJOR) "$(ROOT)/lib"
	ln -sf libbrim.so.$(SOMAJOR) "$(ROOT)/lib/libbrim.so"
	$(INSTALL) -m 644 $(B)/libbrim.a $(B)/libbrim-prefixed.a "$(ROOT)/lib"
	$(INSTALL) -m 644 $(PACKAGE_PC) "$(ROOT)/lib/pkgconfig"
	$(INSTALL) -m 644 $(PACKAGE_CMAKE) "$(ROOT)/lib/cmake/Brim"
	for page in $(MAN); do $(INSTALL) -m 644 $(B)/man/$$page "$(ROOT)/share/man/man$${page##*.}" || exit; done
	$(INSTALL) -m 644 package/brim.bash "$(ROOT)/share/bash-completion/completions/brim"

uninstall:
	rm -rf "$(ROOT)/include/brim" "$(ROOT)/lib/cmake/Brim"
	rm -f "$(ROOT)/bin/brim" "$(ROOT)/lib/libbrim.so" "$(ROOT)/lib/libbrim.so.$(SOMAJOR)" "$(ROOT)/lib/libbrim.a" \
	  "$(ROOT)/lib/libbrim-prefixed.a" "$(ROOT)/lib/pkgconfig/brim.pc" "$(ROOT)/lib/pkgconfig/brim-prefixed.pc" \
	  "$(ROOT)/share/man/man1/brim.1" "$(ROOT)/share/man/man3/libbrim.3" "$(ROOT)/share/man/man3/brim_region.3" \
	  "$(ROOT)/share/bash-completion/completions/brim"
