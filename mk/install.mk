# install.mk: `make install PREFIX=/usr/local DESTDIR=` and `make uninstall`, part of the Makefile. A distribution says where its
# folders are: LIBDIR=/usr/lib64, BINDIR, INCLUDEDIR, MANDIR. Nothing that is installed holds the prefix but brim's last places to
# look: the tree may be moved as a whole, with those of its folders that are in the prefix. Folders may hold spaces; who may read
# what is installed does not depend on the umask.
INSTALL ?= install
ROOT    := $(DESTDIR)$(PREFIX)
TO_BIN  := $(DESTDIR)$(BINDIR)
TO_LIB  := $(DESTDIR)$(LIBDIR)
TO_INCL := $(DESTDIR)$(INCLUDEDIR)
TO_MAN  := $(DESTDIR)$(MANDIR)
MAN     := brim.1 libbrim.3 brim_region.3

# $(1): the folder that the file is installed into, which it knows as $(2).
fill_in = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@SOMAJOR@|$(SOMAJOR)|g' -e 's|@PREFIX@|$(call way,$(1),$(PREFIX),$(2))|' \
  -e 's|@INCLUDEDIR@|$(call way,$(1),$(INCLUDEDIR),$(2))|'

PACKAGE_PC    := $(B)/package/brim.pc $(B)/package/brim-prefixed.pc
PACKAGE_CMAKE := $(B)/package/BrimConfig.cmake $(B)/package/BrimConfigVersion.cmake
$(PACKAGE_PC): $(B)/package/%: package/%.in Makefile mk/install.mk $(B)/folders
	@mkdir -p $(@D)
	$(call fill_in,$(LIBDIR)/pkgconfig,$${pcfiledir}) $< >$@
$(PACKAGE_CMAKE): $(B)/package/%: package/% Makefile mk/install.mk $(B)/folders
	@mkdir -p $(@D)
	$(call fill_in,$(LIBDIR)/cmake/Brim,$${_brim_folder}) $< >$@

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
	$(INSTALL) -d "$(TO_BIN)" "$(TO_INCL)/brim" "$(TO_LIB)/pkgconfig" "$(TO_LIB)/cmake/Brim" \
	  "$(TO_MAN)/man1" "$(TO_MAN)/man3" "$(ROOT)/share/bash-completion/completions"
	$(INSTALL) -m 755 $(B)/brim "$(TO_BIN)/brim"
	$(INSTALL) -m 644 include/brim/*.h "$(TO_INCL)/brim"
	$(INSTALL) -m 755 $(B)/libbrim.so.$(SOMAJOR) "$(TO_LIB)"
	ln -sf libbrim.so.$(SOMAJOR) "$(TO_LIB)/libbrim.so"
	$(INSTALL) -m 644 $(B)/libbrim.a $(B)/libbrim-prefixed.a "$(TO_LIB)"
	$(INSTALL) -m 644 $(PACKAGE_PC) "$(TO_LIB)/pkgconfig"
	$(INSTALL) -m 644 $(PACKAGE_CMAKE) "$(TO_LIB)/cmake/Brim"
	for page in $(MAN); do $(INSTALL) -m 644 $(B)/man/$$page "$(TO_MAN)/man$${page##*.}" || exit; done
	$(INSTALL) -m 644 package/brim.bash "$(ROOT)/share/bash-completion/completions/brim"

uninstall:
	rm -rf "$(TO_INCL)/brim" "$(TO_LIB)/cmake/Brim"
	rm -f "$(TO_BIN)/brim" "$(TO_LIB)/libbrim.so" "$(TO_LIB)/libbrim.so.$(SOMAJOR)" "$(TO_LIB)/libbrim.a" \
	  "$(TO_LIB)/libbrim-prefixed.a" "$(TO_LIB)/pkgconfig/brim.pc" "$(TO_LIB)/pkgconfig/brim-prefixed.pc" \
	  "$(TO_MAN)/man1/brim.1" "$(TO_MAN)/man3/libbrim.3" "$(TO_MAN)/man3/brim_region.3" \
	  "$(ROOT)/share/bash-completion/completions/brim"
