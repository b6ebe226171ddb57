#include "cli/migrate/executor.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/migrate/migrate_test_support.hpp"
#include "cli/migrate/plan.hpp"

namespace npu::cli::migrate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDepth = "server: {host: 0.0.0.0, port: 11439}\nmodel: {name: scdepthv3}\n";

// A systemctl in PATH that keeps what runs and what is enabled as files, in a folder of its own.
class FakeSystemctl {
 public:
  FakeSystemctl() {
    folder_.file("systemctl",
                 fmt::format("#!/bin/sh\ncd {0}\necho \"$@\" >> calls\n"
                             "for unit; do :; done\n"
                             "case $1 in\n"
                             "is-enabled) test -e enabled-$unit ;;\n"
                             "is-active) cat active-$unit 2>/dev/null || echo inactive ;;\n"
                             "enable) : > enabled-$unit ;;\n"
                             "restart) echo active > active-$unit ;;\n"
                             "disable) rm -f enabled-$unit active-$unit ;;\n"
                             "esac\n",
                             folder_.path(".")));
    fs::permissions(folder_.path("systemctl"), fs::perms::owner_all);
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", (folder_.path(".") + ":" + path).c_str(), 1);
    before_ = path;
  }
  ~FakeSystemctl() { ::setenv("PATH", before_.c_str(), 1); }

  void runs(const std::string& unit) const {
    folder_.file("enabled-" + unit, "");
    is(unit, "active");
  }
  void is(const std::string& unit, const std::string& state) const {
    folder_.file("active-" + unit, state);
  }
  bool is_running(const std::string& unit) const {
    return fs::exists(folder_.path("enabled-" + unit)) &&
           fs::exists(folder_.path("active-" + unit));
  }

 private:
  fakes::TempDir folder_;
  std::string before_;
};

class MigrateExecutor : public testing::Test {
 protected:
  MigrateExecutor() {
    old_.add("hailo-depth", kDepth);
    old_.put("/var/lib/hailo-depth/resources/models/scdepthv3.hef", "weights");
    for (const auto& unit : units_) systemctl_.runs(unit);
  }

  Plan plan(const Journal& journal) const {
    return make_plan(tree_, unit_control_, journal, false).value();
  }
  Executor executor() const {
    return {tree_, unit_control_, [](const std::string&) {}};
  }
  void expect_migrated(const std::string& when) const {
    EXPECT_EQ(old_.text("/var/lib/hailo/models/scdepthv3.hef"), "weights") << when;
    EXPECT_FALSE(fs::exists(old_.at("/etc/systemd/system/hailo-depth.service"))) << when;
    EXPECT_NE(old_.text("/etc/hailo/hailo-depth.yaml").find("port: 11439"), std::string::npos)
        << when;
    EXPECT_EQ(old_.text("/var/backups/hailo-migration/etc/hailo/hailo-depth.yaml"), kDepth) << when;
    for (const auto& unit : units_) EXPECT_TRUE(systemctl_.is_running(unit)) << when << unit;
    EXPECT_TRUE(plan(Journal::read(tree_).value()).steps.empty()) << when;
  }

  OldRoot old_;
  FakeSystemctl systemctl_;
  const std::vector<std::string> units_{"hailo-device-manager.service", "hailo-depth.service"};
  const Tree tree_ = old_.tree();
  const Units unit_control_{"/"};  // of which the fake is all there is
};

TEST_F(MigrateExecutor, Twice_changes_nothing_and_undo_brings_all_of_it_back) {
  const auto before = old_.everything();
  auto journal = Journal::read(tree_).value();
  ASSERT_TRUE(executor().run(journal, plan(journal).steps));
  expect_migrated("once");
  journal = Journal::read(tree_).value();
  ASSERT_TRUE(executor().undo(journal));
  EXPECT_EQ(old_.everything(), before);
  for (const auto& unit : units_) EXPECT_TRUE(systemctl_.is_running(unit));
  ASSERT_TRUE(executor().run(journal, plan(journal).steps));
  expect_migrated("again");
}

// With the step that broke off begun, and not done, or done.
TEST_F(MigrateExecutor, What_breaks_off_anywhere_is_gone_on_with_or_undone) {
  const auto before = old_.everything();
  auto journal = Journal::read(tree_).value();
  const auto steps = plan(journal).steps;
  for (std::size_t done = 0; done < steps.size(); ++done) {
    const auto break_off = [&] {
      journal = Journal::read(tree_).value();
      ASSERT_TRUE(
          executor().run(journal, {steps.begin(), steps.begin() + static_cast<long>(done)}));
      ASSERT_TRUE(journal.begin(tree_, steps[done]));
      journal = Journal::read(tree_).value();
      EXPECT_EQ(journal.steps().size(), done + 1);
    };
    const std::string when = fmt::format("after {} of {} steps ", done, steps.size());
    break_off();
    ASSERT_TRUE(executor().undo(journal)) << when;
    EXPECT_EQ(old_.everything(), before) << when;
    for (const auto& unit : units_) EXPECT_TRUE(systemctl_.is_running(unit)) << when << unit;
    break_off();
    ASSERT_TRUE(executor().run(journal, plan(journal).steps)) << when;
    expect_migrated(when);
    journal = Journal::read(tree_).value();
    ASSERT_TRUE(executor().undo(journal)) << when;
    EXPECT_EQ(old_.everything(), before) << when;
  }
}

TEST_F(MigrateExecutor, An_undo_that_breaks_off_is_gone_on_with) {
  const auto before = old_.everything();
  auto journal = Journal::read(tree_).value();
  ASSERT_TRUE(executor().run(journal, plan(journal).steps));
  // A folder in the place of the unit: it cannot be put back until that is gone.
  fs::remove_all(old_.at("/var/lib/hailo-depth"));
  old_.put("/var/lib/hailo-depth", "a file where a folder was");
  EXPECT_FALSE(executor().undo(journal));
  fs::remove(old_.at("/var/lib/hailo-depth"));
  fs::create_directories(old_.at("/var/lib/hailo-depth/resources/models"));
  journal = Journal::read(tree_).value();
  ASSERT_TRUE(executor().undo(journal));
  EXPECT_EQ(old_.everything(), before);
}

TEST_F(MigrateExecutor, What_was_changed_since_is_kept_by_undo) {
  auto journal = Journal::read(tree_).value();
  ASSERT_TRUE(executor().run(journal, plan(journal).steps));
  old_.put("/etc/hailo/hailo-depth.yaml", "mine: 1\n");
  ASSERT_TRUE(executor().undo(journal));
  EXPECT_EQ(old_.text("/etc/hailo/hailo-depth.yaml"), kDepth);
  EXPECT_EQ(old_.text("/etc/hailo/hailo-depth.yaml.since-migration"), "mine: 1\n");
}

TEST_F(MigrateExecutor, A_service_that_did_not_run_does_not_run_afterwards) {
  ASSERT_TRUE(unit_control_.stop_and_disable("hailo-depth.service"));
  auto journal = Journal::read(tree_).value();
  ASSERT_TRUE(executor().run(journal, plan(journal).steps));
  EXPECT_FALSE(systemctl_.is_running("hailo-depth.service"));
  EXPECT_TRUE(systemctl_.is_running("hailo-device-manager.service"));
}

TEST_F(MigrateExecutor, A_service_that_could_not_start_is_started) {
  for (const char* state : {"activating", "failed"}) {
    systemctl_.is("hailo-depth.service", state);
    auto journal = Journal::read(tree_).value();
    const auto steps = plan(journal).steps;
    EXPECT_TRUE(std::ranges::any_of(steps, [](const Step& step) {
      return step.op == Step::Op::kStart && step.service == "hailo-depth" && step.active;
    })) << state;
  }
}

TEST_F(MigrateExecutor, A_last_line_that_broke_off_counts_for_nothing_and_another_one_is_refused) {
  auto journal = Journal::read(tree_).value();
  const auto steps = plan(journal).steps;
  ASSERT_TRUE(executor().run(journal, {steps.begin(), steps.begin() + 3}));
  const std::string file = std::string(kKept) + "/journal";
  old_.put(file, old_.text(file) + R"({"op":"kee)");
  journal = Journal::read(tree_).value();
  EXPECT_EQ(journal.steps().size(), 3U);
  ASSERT_TRUE(executor().run(journal, plan(journal).steps));
  expect_migrated("after a line that broke off ");
  old_.put(file, "{}\n" + old_.text(file));
  EXPECT_EQ(Journal::read(tree_).error().code, ErrorCode::kMalformed);
}

TEST_F(MigrateExecutor, A_systemctl_that_fails_ends_it_with_what_it_said) {
  const fakes::TempDir bin;
  bin.file("systemctl",
           "#!/bin/sh\ncase $1 in is-*) echo active; exit 0 ;; esac\necho no bus >&2\nexit 1\n");
  fs::permissions(bin.path("systemctl"), fs::perms::owner_all);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (bin.path(".") + ":" + path).c_str(), 1);
  auto journal = Journal::read(tree_).value();
  const Status done = executor().run(journal, plan(journal).steps);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "systemctl disable --now hailo-depth.service failed: no bus");
  EXPECT_EQ(old_.text("/etc/hailo/hailo-depth.yaml"), kDepth);
}

}  // namespace
}  // namespace npu::cli::migrate
