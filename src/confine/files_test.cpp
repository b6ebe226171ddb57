// Landlock, each in a child of its own. Skipped where the kernel has none.
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "confine/child_test_support.hpp"
#include "confine/confine.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::confine {
namespace {

class RestrictedFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!kernel_has_landlock()) GTEST_SKIP() << "the kernel has no Landlock";
  }
  int opening(const Rules& rules, const std::string& path, int flags = O_RDONLY) {
    return with_files_restricted(
               rules,
               [&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0600) >= 0 ? 0 : errno; })
        .status;
  }

  fakes::TempDir models_;
  fakes::TempDir state_;
  fakes::TempDir others_;
  Rules rules_{
      .opens_files = true, .read = {models_.path(""), "/nowhere"}, .write = {state_.path("")}};
};

TEST_F(RestrictedFiles, Models_are_read_and_not_written) {
  const auto model = models_.file("a.hef", "x");
  EXPECT_EQ(opening(rules_, model), 0);
  EXPECT_EQ(opening(rules_, model, O_WRONLY), EACCES);
  EXPECT_EQ(opening(rules_, model, O_RDONLY | O_TRUNC), EACCES);
  EXPECT_EQ(opening(rules_, models_.path("new"), O_WRONLY | O_CREAT), EACCES);
}

TEST_F(RestrictedFiles, Nothing_else_is_opened) {
  EXPECT_EQ(opening(rules_, others_.file("secret", "x")), EACCES);
  for (const char* path : {"/etc/shadow", "/etc/passwd", "/home", "/root", "/dev/mem", "/"}) {
    if (::access(path, F_OK) != 0) continue;
    EXPECT_EQ(opening(rules_, path), EACCES) << path;
  }
}

TEST_F(RestrictedFiles, A_link_leads_no_further_than_its_target_may) {
  const auto link = models_.path("link");
  std::filesystem::create_symlink(others_.file("secret", "x"), link);
  EXPECT_EQ(opening(rules_, link), EACCES);
}

TEST_F(RestrictedFiles, A_descriptor_that_is_there_goes_on_working_and_opens_nothing_new) {
  const auto secret = others_.file("secret", "x");
  const UniqueFd held(::open(secret.c_str(), O_RDONLY | O_CLOEXEC));
  const auto ended = with_files_restricted(rules_, [&] {
    char byte = 0;
    if (::pread(held.get(), &byte, 1, 0) != 1) return 1;
    const auto again = "/proc/self/fd/" + std::to_string(held.get());
    return ::open(again.c_str(), O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
  });
  EXPECT_EQ(ended.status, EACCES);
}

TEST_F(RestrictedFiles, A_state_folder_is_written_into) {
  EXPECT_EQ(opening(rules_, state_.path("new"), O_WRONLY | O_CREAT), 0);
  EXPECT_TRUE(std::filesystem::exists(state_.path("new")));
}

TEST_F(RestrictedFiles, The_system_may_be_read) {
  for (const char* path : {"/usr", "/proc/self/statm", "/dev/null"}) {
    EXPECT_EQ(opening(rules_, path), 0) << path;
  }
}

TEST_F(RestrictedFiles, Threads_that_come_later_are_held_too) {
  const auto secret = others_.file("secret", "x");
  const auto ended = with_files_restricted(rules_, [&] {
    int error = 0;
    std::jthread([&] {
      error = ::open(secret.c_str(), O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
    }).join();
    return error;
  });
  EXPECT_EQ(ended.status, EACCES);
}

TEST(Confinement, Says_what_of_it_holds) {
  const Status fine;
  const Status none = fail(ErrorCode::kUnsupported, "the kernel has no Landlock");
  const Status refused = fail(ErrorCode::kUnsupported, "seccomp: Function not implemented");
  EXPECT_EQ(describe(fine, fine), "files and system calls");
  EXPECT_EQ(describe(none, fine), "system calls; not files: the kernel has no Landlock");
  EXPECT_EQ(describe(fine, refused), "files; not system calls: seccomp: Function not implemented");
  EXPECT_EQ(describe(none, refused),
            "nothing: the kernel has no Landlock; seccomp: Function not implemented");
}

}  // namespace
}  // namespace npu::confine
