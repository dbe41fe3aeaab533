# BrimConfig.cmake: find_package(Brim CONFIG) makes these targets:
#   Brim::brim      libbrim.so, in place of the C library's malloc
#   Brim::static    libbrim.a, the same linked statically
#   Brim::prefixed  libbrim-prefixed.a, the brim_ names only, beside the C library's malloc
if(TARGET Brim::brim)
  return()
endif()
find_package(Threads REQUIRED)
# By the file's own place, not a link's: where /lib is a link to /usr/lib, this may be found as /lib/cmake/Brim.
get_filename_component(_brim_folder "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(_brim_folder "${_brim_folder}" DIRECTORY)
get_filename_component(_brim_libdir "${_brim_folder}/../.." ABSOLUTE)
get_filename_component(_brim_includedir "@INCLUDEDIR@" ABSOLUTE)

# Once more among the libraries, so that a linker with --as-needed keeps it for a program that itself calls nothing of it.
add_library(Brim::brim SHARED IMPORTED)
set_target_properties(Brim::brim PROPERTIES
  IMPORTED_LOCATION "${_brim_libdir}/libbrim.so.@SOMAJOR@"
  IMPORTED_SONAME libbrim.so.@SOMAJOR@
  INTERFACE_LINK_LIBRARIES "-Wl,--push-state,--no-as-needed,\"${_brim_libdir}/libbrim.so.@SOMAJOR@\",--pop-state"
  INTERFACE_INCLUDE_DIRECTORIES "${_brim_includedir}")

# Whole, because shared libraries need names of the malloc family that the program itself may not mention.
add_library(Brim::static INTERFACE IMPORTED)
set_target_properties(Brim::static PROPERTIES
  INTERFACE_LINK_LIBRARIES "-Wl,--whole-archive,\"${_brim_libdir}/libbrim.a\",--no-whole-archive;Threads::Threads"
  INTERFACE_INCLUDE_DIRECTORIES "${_brim_includedir}")

# A shared library that it is linked into stays loaded after dlclose, for threads that still have to leave it.
add_library(Brim::prefixed STATIC IMPORTED)
set_target_properties(Brim::prefixed PROPERTIES
  IMPORTED_LOCATION "${_brim_libdir}/libbrim-prefixed.a"
  INTERFACE_LINK_LIBRARIES "-Wl,-z,nodelete;Threads::Threads"
  INTERFACE_INCLUDE_DIRECTORIES "${_brim_includedir}")

unset(_brim_folder)
unset(_brim_libdir)
unset(_brim_includedir)
