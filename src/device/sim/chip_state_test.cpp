#include "device/sim/chip_state.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::device::sim {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<ChipState> open_state(const std::string& path, std::uint64_t memory = 100) {
  auto state = ChipState::open(path, memory);
  EXPECT_TRUE(state) << state.error().message;
  return state ? std::move(*state) : nullptr;
}

TEST(ChipState, Memory_is_one_for_all_who_share_it) {
  const fakes::TempDir dir;
  const auto one = open_state(dir.path("chip"));
  const auto other = open_state(dir.path("chip"));
  EXPECT_TRUE(one->reserve(60));
  EXPECT_EQ(other->used(), 60U);
  EXPECT_EQ(other->reserve(41).error().code, ErrorCode::kDoesNotFit);
  EXPECT_TRUE(other->reserve(40));
  one->release(60);
  EXPECT_EQ(one->used(), 40U);
}

TEST(ChipState, Without_a_file_nothing_is_shared) {
  const auto one = open_state("");
  const auto other = open_state("");
  EXPECT_TRUE(one->reserve(100));
  EXPECT_EQ(other->used(), 0U);
  EXPECT_FALSE(one->reserve(1));
}

TEST(ChipState, What_a_user_held_is_free_when_it_ends) {
  const fakes::TempDir dir;
  const auto one = open_state(dir.path("chip"));
  {
    const auto other = open_state(dir.path("chip"));
    ASSERT_TRUE(other->reserve(100));
    ASSERT_TRUE(other->take_kv());
    EXPECT_FALSE(one->take_kv());
  }
  EXPECT_EQ(one->used(), 0U);
  EXPECT_TRUE(one->reserve(100));
  EXPECT_TRUE(one->take_kv());
}

TEST(ChipState, What_a_killed_process_held_is_free) {
  const fakes::TempDir dir;
  const auto mine = open_state(dir.path("chip"));
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto theirs = ChipState::open(dir.path("chip"), 100);
    const char ok = theirs && (*theirs)->reserve(90) && (*theirs)->take_kv() ? 'y' : 'n';
    [[maybe_unused]] const ssize_t written = ::write(pipe[1], &ok, 1);
    for (;;) ::pause();
  }
  char ok = 0;
  ASSERT_EQ(::read(pipe[0], &ok, 1), 1);
  EXPECT_EQ(ok, 'y');
  EXPECT_EQ(mine->used(), 90U);
  EXPECT_EQ(mine->take_kv().error().code, ErrorCode::kBusy);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(mine->used(), 0U);
  EXPECT_TRUE(mine->take_kv());
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(ChipState, An_area_is_shared_and_slots_tell_who_lives) {
  const fakes::TempDir dir;
  const auto mine = open_state(dir.path("chip"));
  std::size_t slot = 0;
  {
    const auto other = open_state(dir.path("chip"));
    slot = other->slot();
    EXPECT_NE(slot, mine->slot());
    const auto lock = other->lock();
    other->area()[100] = std::byte{7};
    EXPECT_TRUE(mine->alive(slot));
  }
  EXPECT_FALSE(mine->alive(slot));
  EXPECT_TRUE(mine->alive(mine->slot()));
  EXPECT_EQ(mine->area()[100], std::byte{7});
  EXPECT_EQ(mine->area().size(), ChipState::kAreaBytes);
}

TEST(ChipState, There_is_one_kv_cache) {
  const auto state = open_state("");
  EXPECT_TRUE(state->take_kv());
  EXPECT_EQ(state->take_kv().error().message, "the KV cache is in use by another model");
  state->release_kv();
  EXPECT_TRUE(state->take_kv());
}

TEST(ChipState, Other_work_waits_for_the_end_of_the_running_token) {
  const fakes::TempDir dir;
  const auto talking = open_state(dir.path("chip"));
  const auto seeing = open_state(dir.path("chip"));
  const SteadyTime start{1000ms};
  EXPECT_EQ(seeing->slot_rest(start), 0ms);
  talking->generating(start, 100ms, start + 250ms);
  EXPECT_EQ(seeing->slot_rest(start - 1ms), 0ms);
  EXPECT_EQ(seeing->slot_rest(start + 30ms), 70ms);
  EXPECT_EQ(seeing->slot_rest(start + 130ms), 70ms);
  EXPECT_EQ(seeing->slot_rest(start + 250ms), 0ms);
  talking->generating({}, {}, {});
  EXPECT_EQ(seeing->slot_rest(start + 30ms), 0ms);
}

TEST(ChipState, Fault_counts_are_shared) {
  const fakes::TempDir dir;
  const auto one = open_state(dir.path("chip"));
  one->fault_counters()[3].seen = 7;
  EXPECT_EQ(open_state(dir.path("chip"))->fault_counters()[3].seen, 7U);
}

TEST(ChipState, A_file_that_is_something_else_is_left_alone) {
  const fakes::TempDir dir;
  const std::string path = dir.file("notes.txt", "important");
  const auto state = ChipState::open(path, 100);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(std::filesystem::file_size(path), 9U);
  EXPECT_FALSE(ChipState::open(dir.path("no/such/folder"), 100));
}

TEST(ChipState, Says_what_is_needed_and_what_is_free) {
  const auto state = open_state("", 7'500'000'000);
  ASSERT_TRUE(state->reserve(6'000'000'000));
  EXPECT_EQ(state->reserve(2'180'000'000).error().message,
            "the model needs 2180 MB, 1500 MB of 7500 MB are free");
}

}  // namespace
}  // namespace npu::device::sim
