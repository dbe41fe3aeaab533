#!/bin/sh
# gs.sh: Ghostscript draws pages into a bitmap: large buffers, and its own small allocator on top of malloc's chunks.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Ghostscript draws pages of paths and text into a bitmap"
  echo "needs gs"
  echo "quick 1"
  echo "full 1"
  exit
fi
exec gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=ppmraw -r100 -sOutputFile=/dev/null -c "
/Helvetica findfont 9 scalefont setfont
$2 {
  0 2 700 { /y exch def
    newpath 20 y moveto 200 y 300 y 40 sub 560 y curveto y 700 div 0.5 0.2 setrgbcolor stroke
    30 y moveto (Text of a page, at some height, in a common face) show
  } for
  /s 4000 array def 0 1 3999 { dup s exch 200 string put } for
  showpage
} repeat quit"
