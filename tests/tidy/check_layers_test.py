"""The layer check finds a planted violation of each direction rule, and passes what is allowed."""
import unittest

from load_tool import load

layers = load("check_layers")


def tree(**more):
    """A small tree that keeps every rule; more: path with '__' for '/' and '_H'/'_CPP' for the suffix."""
    sources = {
        "base/url.h": "", "base/json.h": "", "base/json.cpp": "#include <boost/json.hpp>\n",
        "crypto/key.h": '#include "base/url.h"\n', "crypto/key.cpp": "#include <openssl/evp.h>\n",
        "jose/jwk.h": '#include "crypto/key.h"\n', "protocol/pkce.h": '#include "jose/jwk.h"\n',
        "http/message.h": "", "http/cookie.h": "", "task/task.h": "#include <coroutine>\n",
        "domain/grant.h": '#include "protocol/pkce.h"\n',
        "store/store.h": '#include "domain/grant.h"\n#include "task/task.h"\n',
        "store/sqlite/driver.cpp": '#include <sqlite3.h>\n#include "store/store.h"\n',
        "http/listener/listener.cpp": "#include <boost/asio.hpp>\n#include <openssl/ssl.h>\n",
        "server/server.h": '#include "store/store.h"\n',
        "server/grants/grant.h": "", "server/grants/code.h": '#include "server/grants/grant.h"\n',
        "server/pages/page.h": "#include <ctemplate/template.h>\n",
        "client/exchange.h": '#include "http/message.h"\n', "resource/guard.h": '#include "protocol/pkce.h"\n',
        "main.cpp": '#include "server/server.h"\n',
    }
    for name, text in more.items():
        path = name.replace("__", "/").replace("_H", ".h").replace("_CPP", ".cpp")
        sources[path] = text
    return sources


class CheckLayersTest(unittest.TestCase):
    def finds(self, sentence, **planted):
        found = layers.check_includes(tree(**planted))
        self.assertEqual(len(found), 1, found)
        self.assertIn(sentence, found[0][2])

    def test_a_tree_that_keeps_the_rules_passes(self):
        self.assertEqual(layers.check_includes(tree()), [])

    def test_a_lower_floor_does_not_see_a_higher_one(self):
        self.finds("room base must not include room crypto", base__x_H='#include "crypto/key.h"\n')
        self.finds("room protocol must not include room domain", protocol__x_H='#include "domain/grant.h"\n')
        self.finds("room store must not include room server", store__x_H='#include "server/server.h"\n')
        self.finds("room http must not include room crypto", http__x_H='#include "crypto/key.h"\n')

    def test_the_libraries_never_see_the_server(self):
        self.finds("room client must not include room domain", client__x_H='#include "domain/grant.h"\n')
        self.finds("room resource must not include room store", resource__x_H='#include "store/store.h"\n')
        self.finds("room client must not include room resource", client__x_H='#include "resource/guard.h"\n')
        self.finds("room resource must not include room client", resource__x_H='#include "client/exchange.h"\n')

    def test_the_libraries_see_three_headers_of_http(self):
        self.finds("may include of http only", client__x_H='#include "http/cookie.h"\n')

    def test_rooms_under_the_libraries_are_free_of_coroutines(self):
        self.finds("free of coroutines", crypto__x_H="#include <coroutine>\n")
        self.finds("must not include room task", client__x_H='#include "task/task.h"\n')

    def test_the_server_does_not_see_a_driver(self):
        planted = {"store__sqlite__driver_H": "", "server__x_CPP": '#include "store/sqlite/driver.h"\n'}
        self.finds("room server must not include room sqlite", **planted)

    def test_third_party_headers_have_one_owner(self):
        self.finds("<openssl/evp.h> belongs to crypto", server__x_CPP="#include <openssl/evp.h>\n")
        self.finds("<sqlite3.h> belongs to sqlite", store__x_CPP="#include <sqlite3.h>\n")
        self.finds("<boost/json.hpp> belongs to src/base/json.cpp", base__x_CPP="#include <boost/json.hpp>\n")
        self.finds("<boost/asio.hpp> belongs to listener", server__x_CPP="#include <boost/asio.hpp>\n")
        self.finds("<curl/curl.h> belongs to transport", client__x_CPP="#include <curl/curl.h>\n")
        self.finds("<ctemplate/template.h> belongs to", server__x_CPP="#include <ctemplate/template.h>\n")
        self.finds("<CLI/CLI.hpp> belongs to app", server__x_CPP="#include <CLI/CLI.hpp>\n")

    def test_a_stranger_among_third_party_headers_is_named(self):
        self.finds("<rapidjson/document.h> has no owner", base__x_CPP="#include <rapidjson/document.h>\n")

    def test_rules_are_computed_without_the_operating_system(self):
        self.finds("does not talk to the operating system", domain__x_CPP="#include <unistd.h>\n")
        self.finds("computes values only", protocol__x_CPP="#include <chrono>\n")

    def test_siblings_meet_in_their_parent(self):
        self.finds("siblings in server/grants", server__grants__refresh_CPP='#include "server/grants/code.h"\n')

    def test_pages_include_no_store(self):
        self.finds("server/pages includes nothing of store/", server__pages__x_CPP='#include "store/store.h"\n')

    def test_includes_are_written_from_the_top(self):
        self.finds("is no file below src/", crypto__x_CPP='#include "key.h"\n')

    def test_a_file_outside_every_room_is_found(self):
        self.finds("lies in no room", attic__x_CPP="")

    def test_a_ring_of_headers_is_found(self):
        self.finds("includes itself", base__a_H='#include "base/b.h"\n', base__b_H='#include "base/a.h"\n')

    def test_examples_use_the_libraries_only(self):
        sources = tree()
        sources["examples/web/main.cpp"] = '#include "page.h"\n#include "client/exchange.h"\n'
        self.assertEqual(layers.check_includes(sources), [])
        sources["examples/web/main.cpp"] = '#include "server/server.h"\n'
        self.assertIn("room examples must not include room server", layers.check_includes(sources)[0][2])

    def test_link_edges_follow_the_same_rules(self):
        good = "cardea_room(crypto DEPS base LIBS OpenSSL::Crypto)\n"
        self.assertEqual(layers.check_targets(good), [])
        found = layers.check_targets(good + "cardea_room(client DEPS base domain)\n")
        self.assertEqual(found, [("CMakeLists.txt", 2, "room client must not link room domain")])
        self.assertIn("not in tools/check_layers", layers.check_targets("cardea_room(attic DEPS base)")[0][2])


if __name__ == "__main__":
    unittest.main()
