# profile.mk: libbrim-profile.so, which `brim profile` preloads in front of libbrim.so, part of the Makefile. No other
# program or library holds any of its code.
#
# gcc's unwinder is linked in: a copy of its own takes no lock that the program could hold. A compiler without an unwinder for
# its C library (musl-gcc beside a glibc) builds everything else; `brim profile` then says that the library is missing.
PROFILE_C := $(sort $(wildcard profile/*.c))
PROFILE_O := $(PROFILE_C:%.c=$(B)/obj/%.o)
UNWINDER  := $(shell echo 'extern int _Unwind_Backtrace(void); int (*used)(void) = _Unwind_Backtrace;' | \
               $(CC) -x c -fPIC -shared -Wl,-z,defs -o /dev/null - -lgcc_eh 2>/dev/null && echo yes)
PROFILE   := $(UNWINDER:yes=$(B)/libbrim-profile.so)

all: $(PROFILE)
$(B)/obj/profile/%.o: profile/%.c Makefile mk/profile.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) -MMD -MP -c -o $@ $<
$(B)/libbrim-profile.so: $(PROFILE_O) $(B)/libbrim.so profile/exports.map
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -shared -static-libgcc -Wl,-soname,libbrim-profile.so -Wl,-z,now -Wl,-z,relro \
	  -Wl,-z,nodelete -Wl,-z,defs -Wl,--gc-sections -Wl,--version-script=profile/exports.map -o $@ $(PROFILE_O) \
	  $(B)/libbrim.so.$(SOMAJOR) -lgcc_eh -lm -pthread

.PHONY: install-profile uninstall-profile
install: install-profile
install-profile: all
	$(INSTALL) -d "$(TO_LIB)"
	$(if $(PROFILE),$(INSTALL) -m 755 $(PROFILE) "$(TO_LIB)")
uninstall: uninstall-profile
uninstall-profile:
	rm -f "$(TO_LIB)/libbrim-profile.so"

-include $(PROFILE_O:.o=.d)
