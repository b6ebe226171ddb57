// A value, or the status that says why there is none.
#pragma once

#include <cassert>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "hailo/hailort.h"

namespace hailort {

class Unexpected final {
 public:
  explicit Unexpected(hailo_status status) : m_status(status) {}
  operator hailo_status() { return m_status; }

  hailo_status m_status;
};

inline Unexpected make_unexpected(hailo_status status) { return Unexpected(status); }

// As in the original, it is copied explicitly only and never assigned; release() takes the value
// and leaves HAILO_UNINITIALIZED.
template <typename T>
class Expected final {
 public:
  Expected(Unexpected unexpected) : m_status(unexpected.m_status) {
    assert(m_status != HAILO_SUCCESS);
  }
  explicit Expected(const Expected<T>& other) = default;
  Expected(Expected<T>&& other) = default;
  Expected(T&& value) : m_value(std::move(value)), m_status(HAILO_SUCCESS) {}
  Expected(hailo_status status) = delete;
  template <typename... Args, std::enable_if_t<std::is_constructible<T, Args...>::value, int> = 0>
  explicit Expected(Args&&... args)
      : m_value(std::in_place, std::forward<Args>(args)...), m_status(HAILO_SUCCESS) {}
  Expected<T>& operator=(const Expected<T>& other) = delete;
  Expected<T>& operator=(Expected<T>&& other) noexcept = delete;
  ~Expected() = default;

  bool has_value() const { return m_status == HAILO_SUCCESS; }
  explicit operator bool() const { return has_value(); }
  hailo_status status() const { return m_status; }

  T& value() & { return get(); }
  const T& value() const& { return get(); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &get(); }
  T& operator*() & { return get(); }
  const T& operator*() const& { return get(); }

  T release() {
    T taken = std::move(get());
    m_value.reset();
    m_status = HAILO_UNINITIALIZED;
    return taken;
  }

 private:
  T& get() {
    assert(has_value());
    return *m_value;
  }
  const T& get() const {
    assert(has_value());
    return *m_value;
  }

  std::optional<T> m_value;
  hailo_status m_status;
};

template <typename T>
using ExpectedRef = Expected<std::reference_wrapper<T>>;

}  // namespace hailort
