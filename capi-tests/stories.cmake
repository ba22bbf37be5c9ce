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

# h2 with real servers; see servers.h
story(h2_mixed nginx,tls nginx,h2c nghttpd,tls nghttpd,h2c node,tls node,h2c h2o,tls h2o,h2c apache,tls apache,h2c
      hypercorn,tls hypercorn,h2c nginx,tls,either node,tls,either nghttpd,tls,padded)
story(h2_limits nginx,8,tls nghttpd,10 nghttpd,1,tls node,10 node,1 node,10,tls hypercorn,10)
story(h2_goaway nginx,5,tls nginx,100,tls nginx,100 node,100 node,7,tls reload reload,tls held held,tls idle idle,tls crash crash,tls)
story(h2_fallback nginx,either,tls node,either,tls hypercorn,either,tls hypercorn,only,tls nginx,only,tls nginx,known node,known)
story(h2_slow_reader nginx,h2c nginx,tls node,tls)
story(h2_upload node,paced,16384,tls node,paced,100000 node,pieces,100000,tls nginx,paced,16384 nginx,pieces,100000,tls
      nginx,early,16384,tls nginx,early,100000
      nghttpd,paced,100000,tls hypercorn,pieces,16384)
story(h2_window nginx,h2c nginx,tls)
story(h2_odd 4096 4096,tls 0,tls 256)
