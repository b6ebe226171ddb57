// JSON text that others wrote, to values, within limits.
//
// The limits hold while the text is read: what is over them takes neither memory nor time.
// Boost.JSON compares the members of an object that collide in its hash table with each other, and
// the hash is one for which collisions are easily made; so the squares of the member counts of
// those objects of a text that have more than kFewMembers add up to that of one object of
// kMaxMembers at most, which costs tens of milliseconds (docs/adr/0012).
//
// Taken besides what the standard allows: a lone UTF-16 surrogate, which becomes U+FFFD.
#pragma once

#include <cstddef>
#include <limits>
#include <stop_token>
#include <string_view>

#include <boost/json/value.hpp>

#include <npu/result.hpp>

namespace npu::json {

inline constexpr std::size_t kMaxMembers = 4096;  // of one object, duplicates included
inline constexpr std::size_t kFewMembers = 64;
inline constexpr std::size_t kMaxKeyBytes = 4096;

struct Limits {
  std::size_t depth = 32;
  // A container is one value, and so is each of its elements and members. They take many times the
  // memory of their text. The default lets four minutes of 16 kHz audio through as a list.
  std::size_t values = std::size_t{4} << 20;
  // Bytes of all strings and names that the value has.
  std::size_t text_bytes = std::numeric_limits<std::size_t>::max();
};
inline constexpr Limits kOfHttpBodies{.values = 200'000};  // many clients, small requests
// What a body has beside one large string, a picture or a recording.
inline constexpr Limits kBesideALargeString{.values = 200'000, .text_bytes = 1 << 20};
// What the manager and its workers say to each other: bounded when it came from a client, and by
// the size of a message.
inline constexpr Limits kOfWorkers{.values = std::numeric_limits<std::size_t>::max()};

struct Parsed {
  boost::json::value value;
  // kInvalidArgument: the text has NaN, Infinity, -Infinity (as Python writes them) or a number
  // that no double can hold. They are 0 in `value`, which is good for an answer and nothing else.
  Status numbers;
};

// Fails with kMalformed: no JSON, no UTF-8, nested too deeply; kTooLarge: over another limit;
// kCancelled: stop was requested meanwhile, which is looked at every few thousand values. The
// message is the reason alone ("syntax error at byte 7"). Of duplicate keys the last one counts.
// memory: of the value, and of all that is moved out of it.
Result<Parsed> parse_request(std::string_view text, const Limits& limits = {},
                             const std::stop_token& stop = {},
                             boost::json::storage_ptr memory = {});

// The same for who has no use for a text with such numbers: kMalformed.
Result<boost::json::value> parse(std::string_view text, const Limits& limits = {},
                                 const std::stop_token& stop = {});

// Takes a large string while it is read, so that it is not copied into a value.
class StringSink {
 public:
  // One begins. Of several the last counts.
  virtual void begin() = 0;
  // What comes next of it, unescaped; a view into the text or into the parser.
  virtual void add(std::string_view piece) = 0;

 protected:
  ~StringSink() = default;
};

// As parse(), but a string that is the member `name` of the outermost object goes to the sink and
// is "" in the value. The text is read only once: the sink may overwrite what stands before the
// piece that it was given, and a lone surrogate is kMalformed.
Result<boost::json::value> parse_apart(std::string_view text, std::string_view name,
                                       StringSink& sink, const Limits& limits);

}  // namespace npu::json
