"""Each rule, over a small tree that breaks it and over one that does not."""
import pathlib
import subprocess
import tempfile
import unittest

import rules

CLEAN = {
    "runtime/include/annals/aggregate.hpp": "/// An aggregate.\n#include <string>\n#include <annals/result.hpp>\n",
    "runtime/include/annals/result.hpp": "/// A result.\n#include <variant>\n",
    "runtime/store/log/log.hpp": '// The log.\n#include <lmdb.h>\n#include <unistd.h>\n#include "store/os/files.hpp"\n',
    "runtime/actors/write/journal.cpp": '// The journal.\n#include <caf/all.hpp>\n#include "store/log/log.hpp"\n',
    "domain/bank/account.hpp": "// An account.\n#include <annals/aggregate.hpp>\n",
    "tests/store/log/log_tests.cpp": "// wait_until(condition);\n",
}


class Rules(unittest.TestCase):
    def broken(self, **changed):
        with tempfile.TemporaryDirectory() as place:
            for name, text in {**CLEAN, **{k: v for k, v in changed.pop("files", {}).items()}}.items():
                path = pathlib.Path(place) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return rules.broken(place)

    def expect(self, what, name, text):
        found = self.broken(files={name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(f"{name}:", found[0])
        self.assertIn(what, found[0])

    def test_a_clean_tree_is_clean(self):
        self.assertEqual(self.broken(), [])

    def test_nobody_includes_what_they_may_not(self):
        for name, text in {
            "domain/bank/a.hpp": "#include <caf/all.hpp>\n",
            "domain/bank/b.hpp": "#include <annals/runtime.hpp>\n",
            "domain/bank/c.hpp": "#include <projections/balances.hpp>\n",
            "projections/a.hpp": "#include <annals/runtime.hpp>\n",
            "runtime/store/os/a.cpp": '// A.\n#include "actors/base/command.hpp"\n',
            "runtime/store/log/b.cpp": "// B.\n#include <caf/all.hpp>\n",
            "runtime/actors/write/a.cpp": "// A.\n#include <lmdb.h>\n",
            "runtime/store/log/c.cpp": "// C.\n#include <sodium.h>\n",
            "runtime/store/log/d.cpp": '// D.\n#include "net/identity/keys.hpp"\n',
            "runtime/actors/write/b.cpp": "// B.\n#include <msgpack.hpp>\n",
            "runtime/actors/write/c.cpp": "// C.\n#include <bank/account.hpp>\n",
            "runtime/actors/follow/d.cpp": "// D.\n#include <unistd.h>\n",
            "runtime/actors/follow/e.cpp": '// E.\n#include "store/open_store.hpp"\n',
            "runtime/actors/host/f.cpp": '// F.\n#include "store/inspect/verify.hpp"\n',
            "runtime/core/codec/a.cpp": '// A.\n#include "store/log/log.hpp"\n',
            "tools/a.cpp": '#include "store/log/log.hpp"\n',
            "config/a.cpp": '#include "actors/host/engine.hpp"\n',
            "runtime/include/annals/runtime.hpp": "/// The runtime.\n#include <caf/all.hpp>\n",
            "runtime/include/annals/node.hpp": "/// A node.\n#include <annals/caf.hpp>\n",
            "runtime/actors/host/g.cpp": "// G.\n#include <annals/caf.hpp>\n",
            "runtime/actors/host/h.cpp": "// H.\n#include <annals/console.hpp>\n",
            "runtime/store/os/h.cpp": "// H.\n#include <httplib.h>\n",
            "runtime/include/annals/listen.hpp": "/// Listen.\n#include <annals/console.hpp>\n",
            "runtime/actors/host/i.cpp": '// I.\n#include "ops/json.hpp"\n',
            "runtime/ops/console/a.cpp": '// A.\n#include "store/log/log.hpp"\n',
            "runtime/connectors/kafka/a.cpp": '// A.\n#include "store/log/log.hpp"\n',
            "runtime/connectors/kafka/include/annals/kafka_relay.hpp": "/// A relay.\n#include <librdkafka/rdkafka.h>\n",
            "runtime/actors/host/j.cpp": "// J.\n#include <annals/kafka_relay.hpp>\n",
            "runtime/connectors/sink/a.cpp": "// A.\n#include <libpq-fe.h>\n",
            "runtime/connectors/sink/b.cpp": '// B.\n#include "connectors/postgresql/link.hpp"\n',
            "runtime/connectors/postgresql/include/annals/postgresql.hpp": "/// A model.\n#include <libpq-fe.h>\n",
            "runtime/actors/host/k.cpp": "// K.\n#include <annals/postgresql.hpp>\n",
            "runtime/connectors/redis/c.cpp": '// C.\n#include "connectors/postgresql/link.hpp"\n',
            "runtime/connectors/redis/include/annals/redis.hpp": "/// A model.\n#include <hiredis.h>\n",
            "runtime/ops/http/b.cpp": "// B.\n#include <spdlog/spdlog.h>\n",
            "runtime/ops/include/annals/console.hpp": "/// A console.\n#include <nlohmann/json.hpp>\n",
        }.items():
            with self.subTest(name):
                self.expect("must not include", name, text)

    def test_one_public_header_may_name_caf(self):
        self.assertEqual(self.broken(files={"runtime/include/annals/caf.hpp": "/// CAF.\n#include <caf/actor.hpp>\n"}), [])

    def test_no_folder_of_the_runtime_includes_one_above_it(self):
        for at, floor in enumerate(rules.FLOORS):
            for above in rules.FLOORS[at + 1:]:
                with self.subTest(f"{floor} → {above}"):
                    self.expect("must not include", f"runtime/{floor}/a.cpp", f'// A.\n#include "{above}/b.hpp"\n')

    def test_folders_apart_never_include_each_other(self):
        for group in rules.APART:
            for one in group:
                for other in group - {one}:
                    with self.subTest(f"{one} → {other}"):
                        self.expect("must not include", f"runtime/{one}/a.cpp", f'// A.\n#include "{other}/b.hpp"\n')

    def test_a_folder_that_is_in_no_list_is_found(self):
        self.expect("stands in no list", "runtime/actors/a.cpp", "// A.\n#include <caf/all.hpp>\n")
        self.expect("no folder runtime/actors/nowhere", "tests/actors/nowhere/a_tests.cpp", "int x;\n")

    def test_the_build_has_the_folders_and_lets_them_include_no_more(self):
        build = "".join(f"annals_folder({floor})\n" for floor in rules.FLOORS)
        self.assertEqual(self.broken(files={"runtime/CMakeLists.txt": build}), [])
        self.expect("is not built as a folder", "runtime/CMakeLists.txt", build.replace("annals_folder(store/log)\n", ""))
        uses = "set(all store/log actors/host)\nannals_folder(store/log USES ${all} LINK lmdb)"
        self.expect("lets runtime/store/log include actors/host", "runtime/CMakeLists.txt", build.replace("annals_folder(store/log)", uses))

    def test_the_build_stops_at_an_include_that_it_does_not_allow(self):
        script = pathlib.Path(__file__).parents[2] / "runtime/cmake/check_includes.cmake"
        for uses, status in (("store/os;store/log", 0), ("store/os", 1)):
            with self.subTest(uses), tempfile.TemporaryDirectory() as place:
                file = pathlib.Path(place) / "actors/base/a.cpp"
                file.parent.mkdir(parents=True)
                file.write_text('#include "actors/base/a.hpp"\n#include "store/log/log.hpp"\n#include <caf/all.hpp>\n')
                checked = pathlib.Path(place) / "checked"
                ran = subprocess.run(["cmake", f"-DROOT={place}", "-DFOLDER=actors/base", f"-DUSES={uses}", f"-DCHECKED={checked}",
                                      "-P", script], capture_output=True, text=True)
                self.assertEqual((ran.returncode, checked.exists()), (status, status == 0), ran.stderr)
                self.assertEqual("runtime/actors/base/a.cpp: actors/base must not include store/log" in ran.stderr, status == 1)

    def test_what_domains_include_leads_to_the_standard_library_alone(self):
        found = self.broken(files={"runtime/include/annals/result.hpp": "/// A result.\n#include <msgpack.hpp>\n"})
        self.assertEqual(len(found), 2, found)
        self.assertIn("and domains include it", found[1])

    def test_flags_that_give_up_durability_are_found(self):
        for flag in rules.NEVER_IN_THE_LOG:
            self.expect(flag, "runtime/store/lmdb/lmdb.cpp", f"// LMDB.\nint flags = {flag};\n")

    def test_sleeping_tests_are_found(self):
        for text in ("std::this_thread::sleep_for(1s);\n", "::usleep(5);\n", "sleep(1);\n"):
            self.expect("waits for a condition", "tests/store/log/a_tests.cpp", text)
        self.expect("waits for a condition", "tests/tools/a_tests.py", "time.sleep(1)\n")

    def test_large_files_and_long_lines_are_found(self):
        self.expect("lines", "domain/bank/large.hpp", "int x;\n" * (rules.LINES_MAX + 1))
        self.expect("columns", "domain/bank/wide.hpp", "// " + "x" * rules.COLUMNS_MAX + "\n")
        self.expect("columns", "tests/ops/wide.mjs", "// " + "x" * rules.COLUMNS_MAX + "\n")

    def test_what_is_generated_or_fetched_has_no_size(self):
        text = "// " + "x" * rules.COLUMNS_MAX + "\n"
        self.assertEqual(self.broken(files={"tests/ops/node_modules/a/a.mjs": text}), [])
        self.assertEqual([line for line in self.broken(files={rules.GENERATED[0]: text}) if "columns" in line], [])

    def test_files_of_the_runtime_that_say_nothing_are_found(self):
        self.expect("says what it is for", "runtime/actors/write/silent.cpp", "int x;\n")

    def test_paths_of_one_machine_are_found(self):
        self.expect("path of one machine", "tools/a.cpp", 'auto p = "/home/me/store";\n')

    def test_cases_without_a_test_and_tests_without_a_case_are_found(self):
        listed = "| case | what |\n| 7 | A key. |\n## Nodes (not built yet)\n| 36 | A peer. |\n"
        test = "BOOST_AUTO_TEST_CASE(case_7_a_key) {}\n"
        self.assertEqual(self.broken(files={"docs/failures.md": listed, "tests/a.cpp": test}), [])
        without = self.broken(files={"docs/failures.md": listed})
        self.assertEqual(len(without), 1, without)
        self.assertIn("docs/failures.md:2: case 7 has no test", without[0])
        unknown = self.broken(files={"docs/failures.md": listed, "tests/a.cpp": test + "// case_8_of_nobody\n"})
        self.assertEqual(len(unknown), 1, unknown)
        self.assertIn("tests/a.cpp:2: case 8 is not in docs/failures.md", unknown[0])


    def test_rules_and_cases_that_are_cited_and_not_written_down_are_found(self):
        written = {"docs/architecture.md": "### Rule 2. A fence\n", "docs/failures.md": "| 7 | A key. |\n",
                   "tests/a.cpp": "BOOST_AUTO_TEST_CASE(case_7_a_key) {}\n// rule_2_is_kept\n"}
        self.assertEqual(self.broken(files={**written, "domain/bank/a.hpp": "// Rule 2 says so. (Case 7)\n"}), [])
        for text, wrong in (("// as rule 3 says\n", "rule 3 is not in docs/architecture.md"), ("// case 8\n", "case 8 is not in docs/failures.md")):
            found = self.broken(files={**written, "domain/bank/a.hpp": text})
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"domain/bank/a.hpp:1: {wrong}", found[0])


if __name__ == "__main__":
    unittest.main()
