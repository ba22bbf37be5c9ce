# Every story and how often it runs; see story() in CMakeLists.txt.

# the queue on h1
story(queue3 plain tls)
story(latejoin plain tls)
story(post_queue plain tls)
story(chunked plain tls)
story(untilclose plain tls)
story(connclose_mid plain tls)
story(http10_mid plain tls)
story(keepwarm plain tls)

# connections that fail or end
story(leader_refused plain tls)
story(leader_mute answer handshake body)
story(killed_before_head fin rst reused fin,tls reused,tls)
story(killed_mid_body plain tls)

# requests that the program ends
story(cancel_leader sync async sync,tls async,tls)
story(cancel_waiting sync async sync,tls)
story(nonzero BIND CREATE NEW CONNECTING APPEND FILTER EST RECEIVE READ COMPLETED WRITE DROP CLOSED DESTROY
      APPEND,tls READ,tls COMPLETED,tls)
story(nonzero_error)

# calls from inside callbacks, from other threads, after fork
set(everywhere BIND CREATE NEW CONNECTING APPEND WRITE FILTER EST RECEIVE READ COMPLETED DROP CLOSED DESTROY)
story(inside_connect ${everywhere} ERROR VERIFY,tls READ,tls COMPLETED,tls)
story(inside_close self,sync self,async other,sync other,async self,sync,tls)
story(inside_service ${everywhere} VERIFY,tls READ,tls)
story(inside_destroy plain tls)
story(exception ${everywhere} ERROR VERIFY,tls READ,tls)
story(destroy_states plain tls)
story(stale_handle)
story(null_handle)
story(other_threads abc turns third second third,tls)
story(daemonise before lookup after before,tls)
story(two_contexts plain tls)
story(destroy_once 0 1 2)
story(nested_read 100,3,/len/5000 4096,2,/chunked/3000 1000,3,/len/5000,tls)
story(notify_serves)
story(nested_stream)
story(init_first)
story(read_throws throw no)
story(atexit_destroy main thread)
story(suls)
story(emfile plain tls)
story(forks CONNECTING APPEND FILTER READ COMPLETED APPEND,tls READ,tls)
set(seconds 150)
story(hundred_thousand run destroy cancel replace)
set(seconds 60)

# what else a program relies on
story(heads plain tls)
story(headers plain tls)
story(redirect plain tls)
story(sessions)
story(defaults)
story(places name v6 unix abstract vhosts)
story(loop)

# bad input, trust, a real server
story(bad_arguments)
story(bad_server table drip table,tls)
story(tls_trust table addresses tls12)
story(trust_not_shared plain tls strict)
story(verify_hook reject accept extra)
story(nginx plain tls)
if(NOT UPSTREAM)
  set_property(TEST tls_trust.table tls_trust.addresses trust_not_shared.strict verify_hook.reject verify_hook.accept
               verify_hook.extra APPEND PROPERTY LABELS tls)
endif()
