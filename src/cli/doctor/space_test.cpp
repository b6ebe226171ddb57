#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

class DoctorSpace : public MadeUp {
 protected:
  Findings check_with(FreeSpace run, FreeSpace var) {
    machine_.free_space = [this, run, var](const std::string& path) -> std::optional<FreeSpace> {
      return path == machine_.root + "/run" ? run : var;
    };
    return check_space(machine_);
  }
};

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST_F(DoctorSpace, A_full_run_is_an_error_and_little_room_for_models_a_warning) {
  const auto good = check_with({.bytes = 100 * kMiB}, {.bytes = 5000 * kMiB});
  EXPECT_EQ(worst(good), Level::kGood);
  EXPECT_EQ(good.size(), 2U);
  const auto full = check_with({.bytes = 4096}, {.bytes = 20 * kMiB});
  EXPECT_EQ(find(full, "space", "/run is full").level, Level::kError);
  EXPECT_EQ(find(full, "space", "/var/lib has 20 MiB left").level, Level::kWarning);
  EXPECT_TRUE(advises(full));
}

TEST_F(DoctorSpace, No_more_files_is_full_too) {
  const auto full = check_with({.bytes = 100 * kMiB, .files = 0}, {.bytes = 5000 * kMiB});
  EXPECT_EQ(find(full, "space", "/run is full").level, Level::kError);
}

TEST_F(DoctorSpace, What_is_not_there_is_no_finding) { EXPECT_TRUE(check_space(machine_).empty()); }

TEST_F(DoctorSpace, This_machine_has_room_in_a_folder_that_a_file_was_just_written_to) {
  write("/run/here", "x");
  const auto free = free_space(machine_.root + "/run");
  ASSERT_TRUE(free);
  EXPECT_GT(free->bytes, 0U);
  EXPECT_GT(free->files, 0U);
}

}  // namespace
}  // namespace npu::cli
