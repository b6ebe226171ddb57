// A Beast body in a string that grows with what arrives: an announced length is a promise, and is
// not granted memory for. Internal to http/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <new>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>

namespace npu::http {

struct GrowingBody {
  using value_type = std::string;

  class reader {  // NOLINT(readability-identifier-naming): the name that Beast looks for
   public:
    template <bool kIsRequest, class Fields>
    reader(boost::beast::http::header<kIsRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::beast::error_code& error) {
      length_ = length.value_or(body_.max_size());
      error = {};
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      error = {};
      std::size_t taken = 0;
      try {
        const std::size_t size = body_.size() + boost::asio::buffer_size(buffers);
        if (size > body_.capacity()) {
          const std::size_t doubled = std::max(size, 2 * body_.capacity());
          body_.reserve(std::max<std::uint64_t>(size, std::min<std::uint64_t>(doubled, length_)));
        }
        for (auto at = boost::asio::buffer_sequence_begin(buffers);
             at != boost::asio::buffer_sequence_end(buffers); ++at) {
          const boost::asio::const_buffer piece = *at;
          body_.append(static_cast<const char*>(piece.data()), piece.size());
          taken += piece.size();
        }
      } catch (const std::bad_alloc&) {
        error = make_error_code(boost::system::errc::not_enough_memory);
      }
      return taken;
    }

    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
    std::uint64_t length_ = 0;
  };
};

}  // namespace npu::http
