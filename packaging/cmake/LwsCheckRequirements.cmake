# What programs ask of the library before they build. Macros, because programs look at the variables set here.

# A program may ask for an older CMake than this file is written for.
cmake_policy(VERSION 3.13...3.31)

include(CheckIncludeFile)
include(CheckCSourceCompiles)

# require_lws_config(NAME 1|0 RESULT): lws_config.h must define NAME (1), or must not (0). Otherwise the configuration ends
# if RESULT is the variable `requirements`; another is optional, and stays as the program set it. HAS_<NAME> says what was
# found.
#
# Inside a build of everything at once (LWS_WITH_MINIMAL_EXAMPLES) it is CMake's variable NAME that counts, and RESULT becomes 0.
macro(require_lws_config _lws_name _lws_wanted _lws_result)
  if(LWS_WITH_MINIMAL_EXAMPLES)
    if((${_lws_wanted} AND NOT ${_lws_name}) OR (NOT ${_lws_wanted} AND ${_lws_name}))
      message("${SAMP}: skipped, as it wants ${_lws_name} to be ${_lws_wanted}")
      set(${_lws_result} 0)
    endif()
  else()
    check_c_source_compiles("
#include <libwebsockets.h>
#if !defined(${_lws_name})
#error ${_lws_name} is not defined
#endif
int main(void) { return 0; }
" HAS_${_lws_name})
    if(HAS_${_lws_name})
      set(HAS_${_lws_name} 1)
    else()
      set(HAS_${_lws_name} 0)
    endif()
    if(NOT HAS_${_lws_name} EQUAL ${_lws_wanted} AND "${_lws_result}" STREQUAL "requirements")
      if(${_lws_wanted})
        message(FATAL_ERROR "This project needs ${_lws_name}, which the installed libwebsockets does not define")
      else()
        message(FATAL_ERROR "This project does not work with ${_lws_name}, which the installed libwebsockets defines")
      endif()
    endif()
  endif()
endmacro()

# require_pthreads(RESULT): leaves in PTHREAD_LIB what to link.
macro(require_pthreads _lws_result)
  check_include_file(pthread.h LWS_HAVE_PTHREAD_H)
  if(LWS_HAVE_PTHREAD_H)
    set(PTHREAD_LIB pthread)
  elseif(LWS_WITH_MINIMAL_EXAMPLES)
    message("${SAMP}: skipped, as there is no pthread.h")
    set(${_lws_result} 0)
  else()
    message(FATAL_ERROR "This project needs pthreads, and there is no pthread.h")
  endif()
endmacro()

# sai_resource(...): leases something shared for a test, in one continuous integration system. Elsewhere there is nothing to do.
macro(sai_resource)
endmacro()

# lws_get_free_port(RESULT): a TCP port that nobody listens on now, and that no earlier call in this project gave.
function(lws_get_free_port _lws_result)
  set(listening)
  foreach(table IN ITEMS /proc/net/tcp /proc/net/tcp6)
    if(EXISTS ${table})
      file(READ ${table} lines)
      string(REGEX MATCHALL ":[0-9A-F][0-9A-F][0-9A-F][0-9A-F] " ports "${lines}")
      list(APPEND listening ${ports})
    endif()
  endforeach()
  get_property(given GLOBAL PROPERTY lws_ports_given)

  # Below those that the system gives to clients (32768 to 60999 unless told otherwise).
  foreach(attempt RANGE 1000)
    string(RANDOM LENGTH 4 ALPHABET 0123456789 port)
    math(EXPR port "20000 + 1${port} - 10000")
    math(EXPR hex "${port}" OUTPUT_FORMAT HEXADECIMAL)
    string(TOUPPER "${hex}" hex)
    string(REPLACE "0X" ":" hex "${hex}")
    if(NOT "${hex} " IN_LIST listening AND NOT port IN_LIST given)
      set_property(GLOBAL APPEND PROPERTY lws_ports_given ${port})
      set(${_lws_result} ${port} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "lws_get_free_port: no port from 20000 to 29999 is free")
endfunction()
