// Threads for what takes long with large messages: parsing, base64, serialising.
//
// One user's work takes a part of the threads only, and users take turns, one piece of work each:
// who has a hundred large messages that take long holds up nobody else's one. The end of the pool
// is that of its work: what has not begun never does, what runs is asked to stop.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::manager {

class CodecPool {
 public:
  // Of as many threads one user has each at a time, and there are those of kUsers users.
  // kUnavailable where there is no descriptor for it.
  static constexpr std::size_t kUsers = 3;
  static Result<std::unique_ptr<CodecPool>> create(boost::asio::io_context& loop,
                                                   std::size_t threads_of_user);
  ~CodecPool();
  CodecPool(const CodecPool&) = delete;
  CodecPool& operator=(const CodecPool&) = delete;

  // Requested at the end. Work that may take longer than a moment looks at it.
  std::stop_token stop() const { return stop_.get_token(); }

  // work(*state) on a thread of the pool, then done(state) on the event loop, also where work
  // threw. The state lives and dies on the event loop; so does this call.
  template <class State, class Work, class Done>
  void run(uid_t user, std::unique_ptr<State> state, Work work, Done done) {
    add(user, std::make_unique<JobOf<State, Work, Done>>(std::move(state), std::move(work),
                                                         std::move(done)));
  }

 private:
  struct Job {
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;
    virtual void work() = 0;
    virtual void done() = 0;
  };
  template <class State, class Work, class Done>
  struct JobOf final : Job {
    JobOf(std::unique_ptr<State> s, Work w, Done d)
        : state(std::move(s)), to_do(std::move(w)), then(std::move(d)) {}
    void work() override { to_do(*state); }
    void done() override { then(std::move(state)); }

    std::unique_ptr<State> state;
    Work to_do;
    Done then;
  };
  // Lists, of which a thread moves elements without any memory.
  using Jobs = std::list<std::unique_ptr<Job>>;
  struct Turn {
    uid_t user;
    Jobs jobs;
    std::size_t running = 0;
  };
  using Turns = std::list<Turn>;

  CodecPool(boost::asio::io_context& loop, UniqueFd finished, std::size_t threads_of_user);
  void add(uid_t user, std::unique_ptr<Job> job);
  void serve();
  void tidy(std::unique_lock<std::mutex>& lock);
  Turns::iterator next_turn();
  void await_finished();

  std::size_t threads_of_user_;
  std::stop_source stop_;
  boost::asio::posix::stream_descriptor finished_;  // an eventfd that counts them
  std::mutex mutex_;                                // of what follows
  std::condition_variable more_;
  Turns turns_;
  Jobs done_;
  bool ending_ = false;
  bool untidy_ = false;  // work was done since the memory was last given back
  std::vector<std::thread> threads_;
};

}  // namespace npu::manager
