#include "cli/services/systemd.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::cli {
namespace {

using Words = std::vector<std::string>;

// As systemd 252 says it of a running unit, of one that waits to be started again, and of none.
constexpr const char* kSaid = R"(Id=hailo-depth.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
Result=success
User=hailo-depth
FragmentPath=/usr/lib/systemd/system/hailo-depth.service
DropInPaths=/usr/lib/systemd/system/hailo-.service.d/10-hardening.conf "/etc/systemd/system/hailo-depth.service.d/my own.conf"
MainPID=812
NRestarts=2
ExecStart={ path=/usr/bin/hailo-depth ; argv[]=/usr/bin/hailo-depth --port 99 ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
Environment=HAILO_DEPTH_HOST=172.17.0.1 "NOTE=two words"
MemoryCurrent=31457280
ActiveEnterTimestampMonotonic=100500000

Id=hailo-clip.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
UnitFileState=enabled
Result=exit-code
MainPID=0
MemoryCurrent=[not set]
ActiveEnterTimestampMonotonic=0

Id=hailo-pose.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
MemoryCurrent=18446744073709551615
)";

TEST(Systemd, What_it_says_of_units_is_read) {
  const auto units = parse_units(kSaid, 160.5);
  ASSERT_EQ(units.size(), 3U);
  const UnitState& depth = units[0];
  EXPECT_EQ(depth.name, "hailo-depth.service");
  EXPECT_TRUE(depth.installed());
  EXPECT_TRUE(depth.runs());
  EXPECT_EQ(depth.boot, "enabled");
  EXPECT_EQ(depth.user, "hailo-depth");
  EXPECT_EQ(depth.main_pid, 812);
  EXPECT_EQ(depth.restarts, 2);
  EXPECT_DOUBLE_EQ(depth.up_seconds.value(), 60.0);
  EXPECT_EQ(depth.memory_bytes, 31457280U);
  EXPECT_EQ(depth.command, (Words{"/usr/bin/hailo-depth", "--port", "99"}));
  EXPECT_EQ(depth.environment, (Words{"HAILO_DEPTH_HOST=172.17.0.1", "NOTE=two words"}));
  EXPECT_EQ(depth.drop_ins.at(1), "/etc/systemd/system/hailo-depth.service.d/my own.conf");

  EXPECT_TRUE(units[1].wanted());
  EXPECT_FALSE(units[1].runs());
  EXPECT_EQ(units[1].result, "exit-code");
  EXPECT_FALSE(units[1].up_seconds);
  EXPECT_FALSE(units[1].memory_bytes);

  EXPECT_FALSE(units[2].installed());
  EXPECT_FALSE(units[2].wanted());
  EXPECT_FALSE(units[2].memory_bytes);
}

TEST(Systemd, Nonsense_is_no_unit) {
  EXPECT_TRUE(parse_units("", 1).empty());
  EXPECT_TRUE(parse_units("\n\nno equals sign\n", 1).empty());
  const auto odd = parse_units("Id=x\nMainPID=many\nExecStart={ argv[]=\nMemoryCurrent=-1\n", 1);
  ASSERT_EQ(odd.size(), 1U);
  EXPECT_EQ(odd[0].main_pid, 0);
  EXPECT_TRUE(odd[0].command.empty());
  EXPECT_FALSE(odd[0].memory_bytes);
}

TEST(Systemd, Words_in_quotes_are_one) {
  EXPECT_EQ(quoted_words(R"(a "b c" 'd "e' f\ g "")"), (Words{"a", "b c", "d \"e", "f g", ""}));
  EXPECT_EQ(quoted_words("  "), Words{});
  EXPECT_EQ(quoted_words("\"open"), Words{"open"});
}

class SystemdOfAFolder : public testing::Test {
 protected:
  void script(const std::string& text) {
    std::filesystem::create_directories(dir_.path("usr/bin"));
    std::ofstream(dir_.path("usr/bin/systemctl")) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(dir_.path("usr/bin/systemctl"), std::filesystem::perms(0755));
  }
  Systemd systemd() const { return Systemd(dir_.path("")); }

  fakes::TempDir dir_;
};

TEST_F(SystemdOfAFolder, Without_systemd_it_is_said) {
  EXPECT_EQ(systemd().show({"a.service"}).error().code, ErrorCode::kUnavailable);
  script("echo 'System has not been booted with systemd as init system' >&2; exit 1");
  EXPECT_EQ(systemd().show({"a.service"}).error().code, ErrorCode::kUnavailable);
  script("echo Id=a.service");
  EXPECT_TRUE(systemd().show({"a.service"}));
  EXPECT_FALSE(systemd().show({"a.service", "b.service"}));  // one is missing in the answer
}

TEST_F(SystemdOfAFolder, A_refusal_for_want_of_rights_is_told_from_others) {
  script("echo \"$*\" >\"${0%/*}/said\"");
  EXPECT_TRUE(systemd().tell({"enable", "--now", "a.service"}));
  std::ifstream said(dir_.path("usr/bin/said"));
  std::string words;
  std::getline(said, words);
  EXPECT_EQ(words, "--no-ask-password --no-pager enable --now a.service");
  script("echo 'Failed to enable unit: Interactive authentication required.' >&2; exit 1");
  EXPECT_EQ(systemd().tell({"enable", "a"}).error().code, ErrorCode::kPermission);
  script("echo 'Unit a.service not found.' >&2; exit 5");
  const auto absent = systemd().tell({"start", "a"});
  EXPECT_EQ(absent.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(absent.error().message, "Unit a.service not found.");
}

}  // namespace
}  // namespace npu::cli
