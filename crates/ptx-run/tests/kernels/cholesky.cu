// Cholesky factors of a batch of matrices: matrix tiles with asynchronous copies, and the same with fused operations.
__device__ __forceinline__ void mma884(double&c0,double&c1,double a,double b){
 asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1},{%2},{%3},{%0,%1};":"+d"(c0),"+d"(c1):"d"(a),"d"(b));}
__device__ __forceinline__ void mma1684(double*c,double a0,double a1,double b0){
 asm volatile("mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0,%1,%2,%3},{%4,%5},{%6},{%0,%1,%2,%3};":"+d"(c[0]),"+d"(c[1]),"+d"(c[2]),"+d"(c[3]):"d"(a0),"d"(a1),"d"(b0));}
__device__ __forceinline__ void mma1688(double*c,double a0,double a1,double a2,double a3,double b0,double b1){
 asm volatile("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};":"+d"(c[0]),"+d"(c[1]),"+d"(c[2]),"+d"(c[3]):"d"(a0),"d"(a1),"d"(a2),"d"(a3),"d"(b0),"d"(b1));}
__device__ __forceinline__ void mma16816(double*c,const double*a,const double*b){
 asm volatile("mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {%0,%1,%2,%3},{%4,%5,%6,%7,%8,%9,%10,%11},{%12,%13,%14,%15},{%0,%1,%2,%3};":"+d"(c[0]),"+d"(c[1]),"+d"(c[2]),"+d"(c[3]):"d"(a[0]),"d"(a[1]),"d"(a[2]),"d"(a[3]),"d"(a[4]),"d"(a[5]),"d"(a[6]),"d"(a[7]),"d"(b[0]),"d"(b[1]),"d"(b[2]),"d"(b[3]));}

template<bool M> __device__ __forceinline__ int pk(int k){ return M? (k&~7)|((k&3)<<1)|((k>>2)&1) : k; }
constexpr int BS=24, BSTG=64*BS, LS=72, NST=3;
constexpr int SMEM=(NST*BSTG+64*LS+64)*8;
__device__ __forceinline__ void cpa(void*s,const void*g){ unsigned a=(unsigned)__cvta_generic_to_shared(s); asm volatile("cp.async.cg.shared.global [%0],[%1],16;"::"r"(a),"l"(g)); }
__device__ __forceinline__ void bar(int id,int n){ asm volatile("bar.sync %0,%1;"::"r"(id),"r"(n):"memory"); }
__device__ __forceinline__ double shf(double v,int l){ return __shfl_sync(~0u,v,l); }

template<bool M,int NW> __device__ __forceinline__ void gemm(double acc[8][4],const double*__restrict__ M_,int ld,int rt,int n,int jrow,int w,int k0,int k1,double*Bs){
  const int tid=threadIdx.x,lane=tid&31,g=lane>>2,t=lane&3; const int nc=(k1-k0)>>4; if(nc<=0) return; const int nb=w>>3;
  const bool act=rt<n; const double*pa0=M_+(unsigned long long)(act?rt+g:0)*ld+2*t; const double*pa1=pa0+(act?(unsigned long long)8*ld:0);
  auto stage=[&](int c){ if(c<nc){ double*d=Bs+(c%NST)*BSTG; const double*s=M_+(unsigned long long)jrow*ld+k0+c*16;
     #pragma unroll
     for(int i=0;i<512/(NW*32);i++){ int e=tid+i*NW*32,r=e>>3,q=(e&7)*2; if(r<w) cpa(d+r*BS+q,s+(unsigned long long)r*ld+q);} }
     asm volatile("cp.async.commit_group;"); };
  double2 a[2][2],an[2][2];
  auto lda=[&](double2 x[2][2],int c){ const int k=k0+c*16;
     #pragma unroll
     for(int i=0;i<2;i++){ x[i][0]=*(const double2*)(pa0+k+i*8); x[i][1]=*(const double2*)(pa1+k+i*8);} };
  stage(0); stage(1); lda(a,0);
  for(int c=0;c<nc;c++){
    asm volatile("cp.async.wait_group 1;"); __syncthreads();
    stage(c+2);
    if(c+1<nc) lda(an,c+1);
    const double*B=Bs+(c%NST)*BSTG;
    if(act){
    if(M){
      #pragma unroll
      for(int i=0;i<2;i++){ double a0=-a[i][0].x,a2=-a[i][0].y,a1=-a[i][1].x,a3=-a[i][1].y;
        #pragma unroll
        for(int cb=0;cb<8;cb++) if(cb<nb){ double2 b=*(const double2*)(B+(cb*8+g)*BS+i*8+2*t); mma1688(acc[cb],a0,a1,a2,a3,b.x,b.y);} }
    } else {
      #pragma unroll
      for(int i=0;i<2;i++)
       #pragma unroll
       for(int q=0;q<4;q++){ const int sl=(lane&~3)|q; double x0=-shf(a[i][0].x,sl),y0=-shf(a[i][0].y,sl),x1=-shf(a[i][1].x,sl),y1=-shf(a[i][1].y,sl);
        #pragma unroll
        for(int cb=0;cb<8;cb++) if(cb<nb){ 
          #pragma unroll
          for(int e=0;e<2;e++){ double2 b=*(const double2*)(B+(cb*8+2*t+e)*BS+i*8+2*q);
           acc[cb][e]=__fma_rn(y0,b.y,__fma_rn(x0,b.x,acc[cb][e])); acc[cb][2+e]=__fma_rn(y1,b.y,__fma_rn(x1,b.x,acc[cb][2+e])); } } }
    } }
    #pragma unroll
    for(int i=0;i<2;i++){ a[i][0]=an[i][0]; a[i][1]=an[i][1]; }
  }
  asm volatile("cp.async.wait_group 0;"); __syncthreads();
}
template<bool M> __device__ __forceinline__ void ldacc(double acc[8][4],const double*P,int ld,int rt,int n,int col,int nb){ const int lane=threadIdx.x&31,g=lane>>2,t=lane&3; if(rt>=n) return;
  #pragma unroll
  for(int cb=0;cb<8;cb++) if(cb<nb){
   #pragma unroll
   for(int e=0;e<2;e++){ int c=pk<M>(cb*8+2*t+e); acc[cb][e]=P[(unsigned long long)(rt+g)*ld+col+c]; acc[cb][2+e]=P[(unsigned long long)(rt+g+8)*ld+col+c]; } } }
template<bool M> __device__ __forceinline__ void stacc(double acc[8][4],double*P,int ld,int rt,int n,int col,int nb){ const int lane=threadIdx.x&31,g=lane>>2,t=lane&3; if(rt>=n) return;
  #pragma unroll
  for(int cb=0;cb<8;cb++) if(cb<nb){
   #pragma unroll
   for(int e=0;e<2;e++){ int c=pk<M>(cb*8+2*t+e); P[(unsigned long long)(rt+g)*ld+col+c]=acc[cb][e]; P[(unsigned long long)(rt+g+8)*ld+col+c]=acc[cb][2+e]; } } }
struct Frag{ double a0,a1,a2,a3; double x0[8],x1[8]; };
template<bool M> __device__ __forceinline__ void solve8(double*c4,const double*Lj,const double*rj,Frag&f){ // Lj -> Ld + jb*8*LS + jb*8
  const int lane=threadIdx.x&31,t=lane&3;
  #pragma unroll
  for(int c=0;c<8;c++){ double r=rj[c]; const int sl=(lane&~3)|(c>>1);
    double x0=shf(c4[c&1]*r,sl),x1=shf(c4[2+(c&1)]*r,sl);
    if(t==(c>>1)){ c4[c&1]=x0; c4[2+(c&1)]=x1; }
    const int pc=pk<M>(c); double l0=Lj[(2*t)*LS+pc],l1=Lj[(2*t+1)*LS+pc];
    if(2*t>c){ c4[0]=__fma_rn(-x0,l0,c4[0]); c4[2]=__fma_rn(-x1,l0,c4[2]); }
    if(2*t+1>c){ c4[1]=__fma_rn(-x0,l1,c4[1]); c4[3]=__fma_rn(-x1,l1,c4[3]); }
    if(M){ if(t==(c&3)){ if(c<4){f.a0=-x0;f.a1=-x1;} else {f.a2=-x0;f.a3=-x1;} } } else { f.x0[c]=-x0; f.x1[c]=-x1; } } }
template<bool M> __device__ __forceinline__ void upd(double acc[8][4],int jb,int nb,const double*Ld,const Frag&f){ // acc[0] is block jb
  const int lane=threadIdx.x&31,g=lane>>2,t=lane&3;
  #pragma unroll
  for(int d=1;d<8;d++) if(jb+d<nb){
    if(M){ double2 b=*(const double2*)(Ld+((jb+d)*8+g)*LS+jb*8+2*t); mma1688(acc[d],f.a0,f.a1,f.a2,f.a3,b.x,b.y); }
    else {
      #pragma unroll
      for(int e=0;e<2;e++){ const double*p=Ld+((jb+d)*8+2*t+e)*LS+jb*8;
       #pragma unroll
       for(int c=0;c<8;c+=2){ double2 b=*(const double2*)(p+c); acc[d][e]=__fma_rn(f.x0[c+1],b.y,__fma_rn(f.x0[c],b.x,acc[d][e])); acc[d][2+e]=__fma_rn(f.x1[c+1],b.y,__fma_rn(f.x1[c],b.x,acc[d][2+e])); } } } }
  #pragma unroll
  for(int d=1;d<8;d++){ acc[d-1][0]=acc[d][0];acc[d-1][1]=acc[d][1];acc[d-1][2]=acc[d][2];acc[d-1][3]=acc[d][3]; } }
template<bool M> __device__ __forceinline__ void diagf(double acc[8][4],int q,int w,double*Ld,double*rr,double*G,int ld){ // G -> P + J*ld + J
  const int lane=threadIdx.x&31,g=lane>>2,t=lane&3,nb=w>>3,nt=(w>>4)*32; const int pa=pk<M>(2*t),pb=pk<M>(2*t+1);
  #pragma unroll 1
  for(int jb=0;jb<nb;jb++){ const int ow=jb>>1,h=jb&1; Frag f; double*Lc=Ld+jb*8; double*Gc=G+jb*8;
    if(q==ow){ double s0=h?acc[0][2]:acc[0][0],s1=h?acc[0][3]:acc[0][1];
      #pragma unroll 1
      for(int c=0;c<8;c++){ double v=(c&1)?s1:s0; double d=shf(v,c*4+(c>>1)); double l=sqrt(d),r=1.0/l; double x=(g==c)?l:v*r;
        if(t==(c>>1)&&g>=c){ if(c&1) s1=x; else s0=x; }
        double xg=-shf(x,(lane&~3)|(c>>1)),xa=shf(x,2*t*4+(c>>1)),xb=shf(x,(2*t+1)*4+(c>>1));
        if(2*t>c) s0=__fma_rn(xg,xa,s0); if(2*t+1>c) s1=__fma_rn(xg,xb,s1);
        if(lane==0) rr[jb*8+c]=r; }
      Lc[(jb*8+g)*LS+pa]=s0; Lc[(jb*8+g)*LS+pb]=s1; Gc[(unsigned long long)(jb*8+g)*ld+pa]=s0; Gc[(unsigned long long)(jb*8+g)*ld+pb]=s1; }
    bar(1,nt);
    const bool go=q>ow||(q==ow&&h==0);
    if(go){ solve8<M>(acc[0],Ld+jb*8*LS+jb*8,rr+jb*8,f);
      if(q!=ow){ int r=q*16+g; Lc[r*LS+pa]=acc[0][0]; Lc[r*LS+pb]=acc[0][1]; Gc[(unsigned long long)r*ld+pa]=acc[0][0]; Gc[(unsigned long long)r*ld+pb]=acc[0][1]; }
      int r=q*16+8+g; Lc[r*LS+pa]=acc[0][2]; Lc[r*LS+pb]=acc[0][3]; Gc[(unsigned long long)r*ld+pa]=acc[0][2]; Gc[(unsigned long long)r*ld+pb]=acc[0][3]; }
    bar(1,nt);
    if(go) upd<M>(acc,jb,nb,Ld,f);
  } }
template<bool M> __device__ __forceinline__ void trsm(double acc[8][4],int nb,const double*Ld,const double*rr,double*G,int ld){ Frag f; const int lane=threadIdx.x&31,g=lane>>2,t=lane&3; double*g0=G+(unsigned long long)g*ld,*g1=g0+(unsigned long long)8*ld; const int pa=pk<M>(2*t),pb=pk<M>(2*t+1);
  #pragma unroll 1
  for(int jb=0;jb<nb;jb++){ solve8<M>(acc[0],Ld+jb*8*LS+jb*8,rr+jb*8,f); g0[jb*8+pa]=acc[0][0]; g0[jb*8+pb]=acc[0][1]; g1[jb*8+pa]=acc[0][2]; g1[jb*8+pb]=acc[0][3]; upd<M>(acc,jb,nb,Ld,f); } }
#ifndef SKIP
#define SKIP 0
#endif
template<bool M,int NW> __global__ __launch_bounds__(NW*32,512/(NW*32)) void chol(double*Ab,int n,int ld,unsigned long long stride){
  extern __shared__ __align__(16) double sm[]; double*Bs=sm,*Ld=sm+NST*BSTG,*rr=Ld+64*LS; double*P=Ab+blockIdx.x*stride; const int warp=threadIdx.x>>5;
  for(int J=0;J<n;J+=64){ const int w=min(64,n-J),nb=w>>3;
    for(int base=J;base<n;base+=NW*16){ const int rt=base+warp*16; double acc[8][4];
      ldacc<M>(acc,P,ld,rt,n,J,nb); if(!(SKIP&1)) gemm<M,NW>(acc,P,ld,rt,n,J,w,0,J,Bs);
      if(base==J){ if(!(SKIP&2)&&rt<J+w) diagf<M>(acc,warp,w,Ld,rr,P+(unsigned long long)J*ld+J,ld); __syncthreads(); }
      if(!(SKIP&4)&&rt<n && rt>=J+w) trsm<M>(acc,nb,Ld,rr,P+(unsigned long long)rt*ld+J,ld); if(SKIP&4) stacc<M>(acc,P,ld,rt,n,J,nb); }
    __syncthreads(); } }

template __global__ void chol<true,4>(double*,int,int,unsigned long long);
