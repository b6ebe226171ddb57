#include "manager/clients/codec_pool.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include <malloc.h>
#include <sys/eventfd.h>

namespace npu::manager {
namespace {

constexpr auto kTidyAfter = std::chrono::seconds(1);

}  // namespace

Result<std::unique_ptr<CodecPool>> CodecPool::create(boost::asio::io_context& loop,
                                                     std::size_t threads_of_user) {
  UniqueFd finished(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE));
  if (!finished) return fail(ErrorCode::kUnavailable, "no descriptor for the codec threads");
  return std::unique_ptr<CodecPool>(new CodecPool(loop, std::move(finished), threads_of_user));
}

CodecPool::CodecPool(boost::asio::io_context& loop, UniqueFd finished, std::size_t threads_of_user)
    : threads_of_user_(threads_of_user), finished_(loop, finished.release()) {
  await_finished();
  for (std::size_t i = 0; i < kUsers * threads_of_user; ++i) {
    threads_.emplace_back([this] { serve(); });
  }
}

CodecPool::~CodecPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  stop_.request_stop();  // only now: a thread that ends its work shall not begin another one's
  more_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void CodecPool::add(uid_t user, std::unique_ptr<Job> job) {
  Jobs one;
  one.push_back(std::move(job));
  {
    const std::lock_guard lock(mutex_);
    auto turn = std::ranges::find(turns_, user, &Turn::user);
    if (turn == turns_.end()) turn = turns_.insert(turns_.end(), Turn{user, {}});
    turn->jobs.splice(turn->jobs.end(), one);
  }
  more_.notify_one();
}

// Whose next piece of work a thread may begin, if anybody's.
CodecPool::Turns::iterator CodecPool::next_turn() {
  return std::ranges::find_if(turns_, [this](const Turn& turn) {
    return !turn.jobs.empty() && turn.running < threads_of_user_;
  });
}

void CodecPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto called = [this] { return ending_ || next_turn() != turns_.end(); };
    if (!more_.wait_for(lock, kTidyAfter, called)) {
      tidy(lock);
      more_.wait(lock, called);
    }
    if (ending_) return;
    const auto turn = next_turn();
    Jobs job;
    job.splice(job.end(), turn->jobs, turn->jobs.begin());
    ++turn->running;
    turns_.splice(turns_.end(), turns_, turn);
    lock.unlock();
    try {
      job.front()->work();
    } catch (const std::exception&) {
      // The state says that nothing has become of it.
    }
    lock.lock();
    done_.splice(done_.end(), job);
    untidy_ = true;
    if (--turn->running == 0 && turn->jobs.empty()) turns_.erase(turn);
    ::eventfd_write(finished_.native_handle(), 1);
  }
}

// The allocator keeps what large messages took, for each thread by itself.
void CodecPool::tidy(std::unique_lock<std::mutex>& lock) {
  if (!std::exchange(untidy_, false)) return;
  lock.unlock();
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
  lock.lock();
}

// One at a time, so that what done() throws costs no other.
void CodecPool::await_finished() {
  finished_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& error) {
                         if (error) return;
                         eventfd_t one = 0;
                         Jobs job;
                         if (::eventfd_read(finished_.native_handle(), &one) == 0) {
                           const std::lock_guard lock(mutex_);
                           job.splice(job.end(), done_, done_.begin());
                         }
                         await_finished();
                         if (!job.empty()) job.front()->done();
                       });
}

}  // namespace npu::manager
