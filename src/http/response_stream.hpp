// One response that is written piece by piece: its head, its chunks, its comments and its times.
// Internal to http/.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "http/io_deadline.hpp"
#include "http/stream.hpp"
#include "http/stream_timing.hpp"

namespace npu::http {

class ResponseStream final : public StreamWriter {
 public:
  // What it needs of the connection that it is sent on.
  class Link {
   public:
    virtual ~Link() = default;
    // All of it; false: the client is gone or reads nothing.
    virtual awaitable<bool> send(std::string_view before, std::string_view piece,
                                 std::string_view after) = 0;
    // As much as the kernel takes at once. An error is no news here: whoever watches the client
    // tells of it.
    virtual std::size_t send_now(std::string_view bytes) = 0;
    // The body has to be cancelled.
    virtual void late() = 0;
  };
  struct Options {
    bool chunked = true;  // else the body ends with the connection: HTTP/1.0
    StreamTiming::Limits limits{};
  };

  // head: sent with the first piece.
  ResponseStream(Link& link, const boost::asio::any_io_executor& executor, std::string head,
                 const Options& options);

  awaitable<Status> write(std::string_view bytes) override;
  // The last piece, if there is one, and the end of the body; false: it did not get through.
  awaitable<bool> finish(std::string_view piece);

  // The client has been sent some of it.
  bool begun() const { return begun_; }
  // A piece did not get through.
  bool broken() const { return broken_; }

 private:
  void on_time();
  void comment();

  Link& link_;
  bool chunked_;
  std::string ahead_;  // goes before the next piece: the head, the rest of a comment
  StreamTiming timing_;
  IoDeadline timer_;
  bool begun_ = false;
  bool broken_ = false;
};

}  // namespace npu::http
