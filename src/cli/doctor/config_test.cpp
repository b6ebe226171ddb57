#include "cli/doctor/config.hpp"

#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

using DoctorConfig = MadeUp;

TEST_F(DoctorConfig, The_managers_file_counts_where_the_user_names_nothing) {
  write("/etc/hailo/manager.yaml", "device: {group_id: mine}\nmodels: {dirs: [/srv/a, /srv/b]}\n");
  const auto before = machine_.model_dirs;
  read_config(machine_, false, false);
  EXPECT_EQ(machine_.group_id, "SHARED");
  EXPECT_EQ(machine_.model_dirs, before);
  read_config(machine_, true, true);
  EXPECT_EQ(machine_.group_id, "mine");
  EXPECT_EQ(machine_.model_dirs, (std::vector<std::string>{"/srv/a", "/srv/b"}));
  EXPECT_EQ(find(check_config(machine_), "config", "group id mine").level, Level::kGood);
}

TEST_F(DoctorConfig, Without_the_file_nothing_is_said_and_a_broken_one_is_an_error) {
  read_config(machine_, true, true);
  EXPECT_TRUE(check_config(machine_).empty());
  for (const char* broken : {"device: {group_id", "[1, 2]", "models: {dirs: {a: b}}"}) {
    machine_.config_problem.clear();
    write("/etc/hailo/manager.yaml", broken);
    read_config(machine_, true, true);
    EXPECT_EQ(find(check_config(machine_), "config", "cannot be read").level, Level::kError)
        << broken;
    EXPECT_TRUE(advises(check_config(machine_)));
  }
}

}  // namespace
}  // namespace npu::cli
