// Threads for what takes long with large messages: parsing, base64, serialising.
//
// The end of the pool is that of its work: what has not begun never does, what runs is asked to
// stop.
#pragma once

#include <exception>
#include <memory>
#include <stop_token>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

namespace npu::manager {

class CodecPool {
 public:
  CodecPool(boost::asio::io_context& loop, std::size_t threads) : loop_(loop), pool_(threads) {}
  ~CodecPool() {
    stop_.request_stop();
    pool_.stop();
    pool_.join();
  }

  // Requested at the end. Work that may take longer than a moment looks at it.
  std::stop_token stop() const { return stop_.get_token(); }

  // work(*state) on a thread of the pool, then done(state, ok) on the event loop; ok is false where
  // work threw. The state lives and dies on the event loop.
  template <class State, class Work, class Done>
  void run(std::unique_ptr<State> state, Work work, Done done) {
    boost::asio::post(pool_, [this, state = std::move(state), work = std::move(work),
                              done = std::move(done)]() mutable {
      bool ok = true;
      try {
        work(*state);
      } catch (const std::exception&) {
        ok = false;
      }
      boost::asio::post(loop_, [state = std::move(state), done = std::move(done), ok]() mutable {
        done(std::move(state), ok);
      });
    });
  }

 private:
  std::stop_source stop_;
  boost::asio::io_context& loop_;
  boost::asio::thread_pool pool_;
};

}  // namespace npu::manager
