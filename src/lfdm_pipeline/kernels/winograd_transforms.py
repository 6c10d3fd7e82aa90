"""What F(4x4, 3x3) does along one axis of a window, a kernel and a tile, and what it does for gradients.

Lavin and Gray, arXiv 1509.09308.
"""

from typing import Any

from numba import njit

from lfdm_pipeline.kernels.vectors import number


@njit
def to_window_points(d0: Any, d1: Any, d2: Any, d3: Any, d4: Any, d5: Any) -> tuple[Any, ...]:
    """Return the six values of six inputs."""
    even, odd = d4 - number(4.0) * d2, d3 - number(4.0) * d1
    half, turned = d4 - d2, number(2.0) * (d3 - d1)
    first = number(4.0) * d0 - number(5.0) * d2 + d4
    last = number(4.0) * d1 - number(5.0) * d3 + d5
    return first, even + odd, even - odd, half + turned, half - turned, last


@njit
def to_kernel_points(g0: Any, g1: Any, g2: Any) -> tuple[Any, ...]:
    """Return the six values of three taps."""
    ends, middle = number(-1 / 6) * (g0 + g2), number(-1 / 6) * g1
    far, near = number(1 / 24) * g0 + number(1 / 6) * g2, number(1 / 12) * g1
    return number(1 / 4) * g0, ends + middle, ends - middle, far + near, far - near, g2


@njit
def to_outputs(m0: Any, m1: Any, m2: Any, m3: Any, m4: Any, m5: Any) -> tuple[Any, ...]:
    """Return the four outputs of six values."""
    near, turned, far, swung = m1 + m2, m1 - m2, m3 + m4, m3 - m4
    return m0 + near + far, turned + number(2.0) * swung, near + number(4.0) * far, turned + number(8.0) * swung + m5


@njit
def of_output_gradients(y0: Any, y1: Any, y2: Any, y3: Any) -> tuple[Any, ...]:
    """Return the gradients of six values from those of four outputs."""
    even, odd = y0 + y2, y1 + y3
    far, swung = y0 + number(4.0) * y2, number(2.0) * y1 + number(8.0) * y3
    return y0, even + odd, even - odd, far + swung, far - swung, y3


@njit
def of_point_gradients(u0: Any, u1: Any, u2: Any, u3: Any, u4: Any, u5: Any) -> tuple[Any, ...]:
    """Return the gradients of three taps from those of six values."""
    near, far = number(1 / 6) * (u1 + u2), u3 + u4
    first = number(1 / 4) * u0 - near + number(1 / 24) * far
    second = number(1 / 6) * (u2 - u1) + number(1 / 12) * (u3 - u4)
    return first, second, number(1 / 6) * far - near + u5
